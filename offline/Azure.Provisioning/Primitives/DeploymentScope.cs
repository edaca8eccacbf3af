namespace Azure.Provisioning.Primitives;

public enum DeploymentScope
{
    ResourceGroup = 0,
    Subscription = 1,
    ManagementGroup = 2,
    Tenant = 3,
}
