namespace Aspire.Hosting.ApplicationModel;

public interface IModelNameParameter;

[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ResourceNameAttribute : Attribute, IModelNameParameter;

[AttributeUsage(AttributeTargets.Parameter)]
public sealed class EndpointNameAttribute : Attribute, IModelNameParameter;
