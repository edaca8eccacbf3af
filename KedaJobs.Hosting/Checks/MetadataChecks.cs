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
                $"scale rule '{rule.Name}': its type is '{rule.Type}', which counts requests, but a job receives none.",
                "Use the KEDA scaler for the queue or store that the requests write to, "
                    + "for instance \"azure-servicebus\" or \"azure-queue\".");
        }
        else if (!ScalerMetadata.IsType(rule.Type))
        {
            yield return Spelling.Nearest(rule.Type, ScalerMetadata.Types) is { } type
                ? new(CheckCode.ScaleRule, job.Resource,
                    $"scale rule '{rule.Name}': its type is '{rule.Type}'; KEDA has '{type}'.",
                    $"Write \"{type}\".")
                : new(CheckCode.UnknownMetadata, job.Resource,
                    $"scale rule '{rule.Name}': its type '{rule.Type}' is not a known KEDA scaler, so the rule is not checked.",
                    "Compare it with KEDA's list of scalers. You can ignore this if KEDA supports it.");
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
                            + "and KEDA ignores unknown names.",
                        "Compare the name with KEDA's documentation of the scaler. You can ignore this if the scaler supports it.");
            }
        }
    }
}
