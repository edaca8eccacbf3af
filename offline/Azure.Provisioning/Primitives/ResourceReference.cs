using Azure.Provisioning.Expressions;

namespace Azure.Provisioning.Primitives;

public class ResourceReference<T>(BicepValue<string> reference)
    where T : ProvisionableResource
{
    private T? _value;

    public T? Value
    {
        get => _value;
        set
        {
            _value = value;
            if (value is null)
            {
                reference.ClearValue();
            }
            else
            {
                reference.Assign(new IdentifierExpression(value.BicepIdentifier));
            }
        }
    }
}
