namespace KedaJobs.Hosting.Checks;

/// <summary>Types and names of metadata that KEDA does not have. It refuses an unknown type, and ignores an unknown name.</summary>
internal static class MetadataChecks
{
    // Container Apps has them for applications, which have ingress.
    private static readonly string[] RequestTypes = ["http", "tcp"];

    public static IEnumerable<CheckFinding> Run(CheckedJob job, CheckedScaleRule rule)
    {
        if (RequestTypes.Contains(rule.Type, StringComparer.OrdinalIgnoreCase))
        {
            yield return new(CheckCode.ScaleRule, job.Resource,
                $"scale rule '{rule.Name}': its type is '{rule.Type}', which counts requests, and a job takes none.",
                "Use the KEDA scaler of what the requests put their work into, for instance \"azure-servicebus\" or \"azure-queue\".");
        }
        else if (!ScalerMetadata.IsType(rule.Type))
        {
            yield return Spelling.Nearest(rule.Type, ScalerMetadata.Types) is { } type
                ? new(CheckCode.ScaleRule, job.Resource,
                    $"scale rule '{rule.Name}': its type is '{rule.Type}'; KEDA has '{type}'.",
                    $"Write \"{type}\".")
                : new(CheckCode.UnknownMetadata, job.Resource,
                    $"scale rule '{rule.Name}': its type '{rule.Type}' is not one of the KEDA scalers known here, "
                        + "so nothing of it is checked.",
                    "Compare it with KEDA's list of scalers. You can ignore this if KEDA has it.");
        }
        else if (ScalerMetadata.Of(rule.Type) is { } known)
        {
            foreach (var name in rule.Names.Where(name => !known.Contains(name)))
            {
                yield return Spelling.Nearest(name, known.Except(rule.Names)) is { } meant
                    ? new(CheckCode.ScaleRule, job.Resource,
                        $"scale rule '{rule.Name}': the scaler '{rule.Type}' has no metadata '{name}'; it has '{meant}'. "
                            + "KEDA would ignore it.",
                        $"Write \"{meant}\". Names are case-sensitive.")
                    : new(CheckCode.UnknownMetadata, job.Resource,
                        $"scale rule '{rule.Name}': the scaler '{rule.Type}' is not known to have metadata '{name}', "
                            + "and KEDA ignores what it doesn't know.",
                        "Compare the name with KEDA's documentation of the scaler. You can ignore this if the scaler has it.");
            }
        }
    }
}
