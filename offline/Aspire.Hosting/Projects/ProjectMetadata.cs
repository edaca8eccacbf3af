namespace Aspire.Hosting.Projects;

/// <summary>A project that is named by its path instead of by a generated class.</summary>
internal sealed class ProjectMetadata(string projectPath) : IProjectMetadata
{
    public string ProjectPath { get; } = projectPath;
}
