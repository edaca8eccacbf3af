using KedaJobs.Hosting.Local.Processes;

namespace KedaJobs.Tests.Hosting.Local.Processes;

public class ReplicaEnvironmentTests
{
    private static readonly ReplicaIdentity Identity = new("worker", "worker-abc1234", "worker-abc1234-0")
    {
        ServiceName = "worker",
        ServiceInstance = "03",
    };

    [Fact]
    public void Templates_of_the_orchestrator_are_filled_or_dropped() => AssertEnvironment(
        """
        CONTAINER_APP_JOB_EXECUTION_NAME=worker-abc1234
        CONTAINER_APP_JOB_NAME=worker
        CONTAINER_APP_REPLICA_NAME=worker-abc1234-0
        ConnectionStrings__jobs=Endpoint=sb://localhost:5672;EntityPath=jobs
        OTEL_RESOURCE_ATTRIBUTES=service.instance.id=03
        OTEL_SERVICE_NAME=worker
        """,
        inherited: [],
        computed:
        [
            new("ConnectionStrings__jobs", "Endpoint=sb://localhost:5672;EntityPath=jobs"),
            new("OTEL_SERVICE_NAME", """{{- index .Annotations "otel-service-name" -}}"""),
            new("OTEL_RESOURCE_ATTRIBUTES", """service.instance.id={{- index .Annotations "otel-service-instance-id" -}}"""),
            new("ASPNETCORE_URLS", """http://localhost:{{- portForServing "worker" -}}"""),
        ]);

    [Theory]
    [InlineData("{{ .Values.image }}")]
    [InlineData("Hello {{name}}, {{{raw}}}")]
    [InlineData("{{")]
    [InlineData("{{- range .Items -}}{{- portFor -}}")]
    public void Braces_of_the_users_own_arrive_untouched(string value)
    {
        Assert.Equal(value, ReplicaEnvironment.Create([], [new("TEMPLATE", value)], Identity, exportTelemetry: true)["TEMPLATE"]);
        Assert.Empty(ReplicaEnvironment.Dropped([new("TEMPLATE", value)]));
    }

    [Fact]
    public void What_is_dropped_is_named() => Assert.Equal(
        ["URLS", "HOST", "OTHER"],
        ReplicaEnvironment.Dropped(
        [
            new("URLS", """http://localhost:{{- portForServing "worker" -}}"""),
            new("OTEL_SERVICE_NAME", """{{- index .Annotations "otel-service-name" -}}"""),
            new("HOST", """{{- addressFor "worker" -}}"""),
            new("OTHER", """{{- index .Annotations "something-else" -}}"""),
            new("PLAIN", "x"),
        ]).Select(variable => variable.Key));

    [Fact]
    public void Settings_of_the_AppHost_itself_are_not_inherited_the_workers_own_stay() => AssertEnvironment(
        """
        CONTAINER_APP_JOB_EXECUTION_NAME=worker-abc1234
        CONTAINER_APP_JOB_NAME=worker
        CONTAINER_APP_REPLICA_NAME=worker-abc1234-0
        DOTNET_ENVIRONMENT=Staging
        OTEL_RESOURCE_ATTRIBUTES=service.instance.id=03
        OTEL_SERVICE_NAME=worker
        PATH=/bin
        """,
        inherited:
        [
            new("PATH", "/bin"), new("ASPNETCORE_URLS", "http://localhost:15180"), new("ASPNETCORE_ENVIRONMENT", "Development"),
            new("DOTNET_ENVIRONMENT", "Development"), new("DOTNET_LAUNCH_PROFILE", "http"), new("ASPIRE_LOGLEVEL", "Debug"),
        ],
        computed: [new("DOTNET_ENVIRONMENT", "Staging")]);

    [Fact]
    public void Identity_of_the_execution_is_not_inherited() => AssertEnvironment(
        """
        CONTAINER_APP_JOB_EXECUTION_NAME=worker-abc1234
        CONTAINER_APP_JOB_NAME=worker
        CONTAINER_APP_REPLICA_NAME=worker-abc1234-0
        OTEL_RESOURCE_ATTRIBUTES=team=a
        OTEL_SERVICE_NAME=mine
        """,
        inherited: [new("CONTAINER_APP_JOB_NAME", "outer"), new("CONTAINER_APP_JOB_EXECUTION_NAME", "outer-1")],
        computed: [new("OTEL_SERVICE_NAME", "mine"), new("OTEL_RESOURCE_ATTRIBUTES", "team=a")]);

    [Fact]
    public void Nobody_listening_switches_telemetry_off_unless_the_worker_says_otherwise()
    {
        Assert.Equal("true", ReplicaEnvironment.Create([], [], Identity, exportTelemetry: false)["OTEL_SDK_DISABLED"]);
        Assert.Equal(
            "false",
            ReplicaEnvironment.Create([], [new("OTEL_SDK_DISABLED", "false")], Identity, exportTelemetry: false)["OTEL_SDK_DISABLED"]);
    }

    private static void AssertEnvironment(
        string expected, KeyValuePair<string, string>[] inherited, KeyValuePair<string, string>[] computed)
    {
        var environment = ReplicaEnvironment.Create(inherited, computed, Identity, exportTelemetry: true);

        Assert.Equal(
            expected.ReplaceLineEndings("\n"),
            string.Join(
                '\n', environment.OrderBy(variable => variable.Key, StringComparer.Ordinal)
                    .Select(variable => $"{variable.Key}={variable.Value}")));
    }
}
