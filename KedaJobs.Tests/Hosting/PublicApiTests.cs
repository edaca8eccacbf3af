using System.Reflection;
using System.Runtime.CompilerServices;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.Hosting;

namespace KedaJobs.Tests.Hosting;

/// <summary>What every verb of the library has in common. The whole of it is in KedaJobs.Hosting/PublicAPI.*.txt.</summary>
public class PublicApiTests
{
    private static readonly MethodInfo[] Verbs = [.. typeof(EventJobOptions).Assembly.GetExportedTypes()
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly))
        .Where(method => method.IsDefined(typeof(ExtensionAttribute)))];

    [Fact]
    public void Verbs_on_a_builder_return_it()
    {
        var declarations = Verbs.Where(verb => verb.GetParameters()[0].ParameterType is { IsGenericType: true } type
            && type.GetGenericTypeDefinition() == typeof(IResourceBuilder<>)).ToList();

        Assert.NotEmpty(declarations);
        Assert.All(declarations, verb => Assert.Equal(verb.GetParameters()[0].ParameterType, verb.ReturnType));
    }

    [Fact]
    public void Every_verb_is_in_Aspires_namespace() =>
        Assert.All(Verbs, verb => Assert.Equal("Aspire.Hosting", verb.DeclaringType!.Namespace));

    /// <summary>Aspire's analyzer of integrations asks for one or the other (ASPIREEXPORT008).</summary>
    [Fact]
    public void Every_verb_is_exported_to_polyglot_AppHosts_or_says_why_not() => Assert.All(Verbs, verb =>
        Assert.True(
            verb.IsDefined(typeof(AspireExportAttribute))
            || verb.DeclaringType!.GetCustomAttribute<AspireExportIgnoreAttribute>() is { Reason.Length: > 0 },
            verb.Name));

    /// <summary>What a running job shows of itself cannot be changed: properties are read-only, or set once.</summary>
    [Theory]
    [InlineData(typeof(RunningJob))]
    [InlineData(typeof(JobSnapshot))]
    [InlineData(typeof(JobExecution))]
    [InlineData(typeof(TriggerSnapshot))]
    public void What_a_running_job_shows_is_immutable(Type type) => Assert.All(
        type.GetProperties(),
        property => Assert.True(
            property.SetMethod is null or { IsPublic: false }
            || property.SetMethod.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)),
            property.Name));
}
