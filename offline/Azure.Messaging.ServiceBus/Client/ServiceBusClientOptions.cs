using System.Net.Security;

namespace Azure.Messaging.ServiceBus;

public class ServiceBusClientOptions
{
    private ServiceBusRetryOptions _retryOptions = new();
    private TimeSpan _connectionIdleTimeout = TimeSpan.FromMinutes(1);

    public ServiceBusRetryOptions RetryOptions
    {
        get => _retryOptions;
        set => _retryOptions = value ?? throw new ArgumentNullException(nameof(value));
    }

    public ServiceBusTransportType TransportType { get; set; }

    public string Identifier { get; set; }

    public Uri CustomEndpointAddress { get; set; }

    public RemoteCertificateValidationCallback CertificateValidationCallback { get; set; }

    public TimeSpan ConnectionIdleTimeout
    {
        get => _connectionIdleTimeout;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            _connectionIdleTimeout = value;
        }
    }

    /// <summary>When tokens are renewed.</summary>
    internal TimeProvider Time { get; set; } = TimeProvider.System;

    internal ServiceBusClientOptions Clone() => new()
    {
        Time = Time,
        RetryOptions = RetryOptions.Clone(),
        TransportType = TransportType,
        Identifier = Identifier,
        CustomEndpointAddress = CustomEndpointAddress,
        CertificateValidationCallback = CertificateValidationCallback,
        ConnectionIdleTimeout = ConnectionIdleTimeout,
    };
}
