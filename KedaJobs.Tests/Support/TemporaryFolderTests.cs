using System.Reflection;

namespace KedaJobs.Tests.Support;

/// <summary>A run of the tests leaves nothing in the temporary directory.</summary>
public class TemporaryFolderTests
{
    private const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly Type[] Types = typeof(TemporaryFolderTests).Assembly.GetTypes();

    [Fact]
    public void A_disposed_folder_is_deleted_with_everything_in_it()
    {
        var folder = new TemporaryFolder("own");
        Directory.CreateDirectory(folder.At("inner"));
        File.WriteAllText(folder.At("inner", "file"), "");

        folder.Dispose();

        Assert.False(Directory.Exists(folder.FullName));
    }

    [Fact]
    public void Every_temporary_folder_is_one_that_can_be_disposed()
    {
        var project = Path.Combine(Repository.Root, "KedaJobs.Tests");
        var makers = Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories)
            .Where(file => File.ReadAllText(file).Contains($"{nameof(Directory.CreateTempSubdirectory)}(", StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(project, file));

        Assert.Equal([Path.Combine("Support", $"{nameof(TemporaryFolder)}.cs")], makers);
    }

    /// <summary>xunit disposes test classes and fixtures, but knows nothing of <see cref="IAsyncDisposable"/>.</summary>
    [Fact]
    public void Xunit_disposes_every_class_of_tests_that_has_something_to_dispose()
    {
        var tests = Types.Where(type => type.GetMethods(Instance).Any(method => method.IsDefined(typeof(FactAttribute)))).ToList();

        Assert.Contains(typeof(TemporaryFolderTests), tests);
        Assert.DoesNotContain(tests, type => type.IsAssignableTo(typeof(IAsyncDisposable)) && !IsDisposedByXunit(type));
    }

    [Fact]
    public void Who_holds_a_temporary_folder_can_be_disposed()
    {
        Type[] owned = [typeof(TemporaryFolder), .. HoldersOf(typeof(TemporaryFolder))];
        var holders = owned.SelectMany(HoldersOf).Where(type => !HasFixture(type)).ToList();

        Assert.Contains(typeof(PublishFixture), holders);
        Assert.DoesNotContain(holders, type => !IsDisposedByXunit(type));
    }

    private static bool IsDisposedByXunit(Type type) =>
        type.IsAssignableTo(typeof(IDisposable)) || type.IsAssignableTo(typeof(IAsyncLifetime));

    /// <summary>What a class of tests takes from its fixture, the fixture disposes.</summary>
    private static bool HasFixture(Type type) => type.GetInterfaces().Any(
        contract => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IClassFixture<>));

    /// <summary>The types with a field of this type, except those that the compiler makes for local variables.</summary>
    private static IEnumerable<Type> HoldersOf(Type owned) => Types.Where(
        type => !type.Name.Contains('<', StringComparison.Ordinal) && type.GetFields(Instance).Any(field => field.FieldType == owned));
}
