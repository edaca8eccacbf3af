namespace Azure.Provisioning.ServiceBus;

public readonly struct ServiceBusBuiltInRole(string value) : IEquatable<ServiceBusBuiltInRole>
{
    private readonly string _value = value;

    public static ServiceBusBuiltInRole AzureServiceBusDataOwner { get; } = new("090c5cfd-751d-490a-894a-3ce6f1109419");

    public static ServiceBusBuiltInRole AzureServiceBusDataReceiver { get; } = new("4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0");

    public static ServiceBusBuiltInRole AzureServiceBusDataSender { get; } = new("69a216fc-b8fb-44d8-bc22-1f3c2cd27a39");

    public static implicit operator ServiceBusBuiltInRole(string value) => new(value);

    public static bool operator ==(ServiceBusBuiltInRole left, ServiceBusBuiltInRole right) => left.Equals(right);

    public static bool operator !=(ServiceBusBuiltInRole left, ServiceBusBuiltInRole right) => !left.Equals(right);

    public static string GetBuiltInRoleName(ServiceBusBuiltInRole value)
    {
        if (value == AzureServiceBusDataOwner)
        {
            return nameof(AzureServiceBusDataOwner);
        }

        if (value == AzureServiceBusDataReceiver)
        {
            return nameof(AzureServiceBusDataReceiver);
        }

        return value == AzureServiceBusDataSender ? nameof(AzureServiceBusDataSender) : value._value;
    }

    public bool Equals(ServiceBusBuiltInRole other) => string.Equals(_value, other._value, StringComparison.OrdinalIgnoreCase);

    public override bool Equals(object? obj) => obj is ServiceBusBuiltInRole other && Equals(other);

    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(_value ?? "");

    public override string ToString() => _value;
}
