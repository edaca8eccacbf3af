namespace Azure.Provisioning;

public class ProvisioningPlan
{
    internal ProvisioningPlan(Infrastructure infrastructure, ProvisioningBuildOptions options)
    {
        Infrastructure = infrastructure;
        BuildOptions = options;
    }

    public ProvisioningBuildOptions BuildOptions { get; }

    public Infrastructure Infrastructure { get; }

    /// <summary>The Bicep text of each module by its file name.</summary>
    public IDictionary<string, string> Compile() => Infrastructure.CompileModules(BuildOptions).ToDictionary(
        module => $"{module.Key}.bicep",
        module => string.Join("\n\n", module.Value.Select(statement => statement.ToString())));

    public IEnumerable<string> Save(string directoryPath)
    {
        foreach (var (name, text) in Compile())
        {
            var path = Path.Combine(directoryPath, name);
            File.WriteAllText(path, text);
            yield return path;
        }
    }
}
