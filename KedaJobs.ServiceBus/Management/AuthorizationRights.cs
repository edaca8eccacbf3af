namespace KedaJobs.ServiceBus.Management;

/// <summary>The names of rights in the management API.</summary>
internal static class AuthorizationRights
{
    public static IEnumerable<string> NamesOf(AccessRights rights)
    {
        if (rights.HasFlag(AccessRights.Manage))
        {
            yield return "Manage";
        }

        if (rights.HasFlag(AccessRights.Send))
        {
            yield return "Send";
        }

        if (rights.HasFlag(AccessRights.Listen))
        {
            yield return "Listen";
        }
    }

    public static AccessRights Parse(string name) => name switch
    {
        "Manage" => AccessRights.Manage,
        "Send" => AccessRights.Send,
        "Listen" => AccessRights.Listen,
        _ => throw new EntryFormatException($"AuthorizationRules: the right '{name}' is unknown; use Manage, Send or Listen."),
    };
}
