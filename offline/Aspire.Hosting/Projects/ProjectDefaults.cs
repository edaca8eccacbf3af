using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Projects;

/// <summary>What every project resource gets without being asked: telemetry, console format, endpoints and variables of its launch profile.</summary>
internal static class ProjectDefaults
{
    public static IResourceBuilder<ProjectResource> WithProjectDefaults(this IResourceBuilder<ProjectResource> builder, ProjectResourceOptions options)
    {
        var isRun = builder.ApplicationBuilder.ExecutionContext.IsRunMode;
        builder.WithEnvironment("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "in_memory");
        if (isRun)
        {
            if (builder.ApplicationBuilder.Environment.IsDevelopment())
            {
                // Query strings are worth seeing on a developer's own machine.
                builder.WithEnvironment("OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION", "true");
                builder.WithEnvironment("OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION", "true");
            }

            builder.WithOtlpExporter();
            builder.WithEnvironment("LOGGING__CONSOLE__FORMATTERNAME", "simple");
            builder.WithEnvironment("DOTNET_SYSTEM_CONSOLE_ALLOW_ANSI_COLOR_REDIRECTION", "true");
        }

        var profile = ChooseLaunchProfile(builder, options);
        AddProfileEndpoints(builder, profile, isRun);
        if (isRun)
        {
            if (profile?.Profile.CommandLineArgs is { Length: > 0 } arguments)
            {
                builder.WithArgs(CommandLineText.Split(arguments));
            }

            AddRunEnvironment(builder, profile);
            Rebuild.AddRebuilder(builder);
        }
        else
        {
            AddPublishEnvironment(builder);
        }

        return builder;
    }

    private static NamedLaunchProfile? ChooseLaunchProfile(IResourceBuilder<ProjectResource> builder, ProjectResourceOptions options)
    {
        if (options.ExcludeLaunchProfile)
        {
            builder.WithAnnotation(new ExcludeLaunchProfileAnnotation());
        }
        else if (options.LaunchProfileName is { } name)
        {
            builder.WithAnnotation(new LaunchProfileAnnotation(name));
        }
        else if (builder.ApplicationBuilder.Configuration["AppHost:DefaultLaunchProfileName"] is { } preferred)
        {
            builder.WithAnnotation(new DefaultLaunchProfileAnnotation(preferred));
        }

        return builder.Resource.EffectiveLaunchProfile();
    }

    private static void AddProfileEndpoints(IResourceBuilder<ProjectResource> builder, NamedLaunchProfile? profile, bool isRun)
    {
        if (profile?.Profile.ApplicationUrl is not { Length: > 0 } urls)
        {
            return;
        }

        if (!isRun)
        {
            // In the cloud a web project is reached by both schemes; the ports are the deployer's.
            builder.WithEndpoint("http", e => e.UriScheme = "http");
            AddDefaultHttps(builder.Resource);
            return;
        }

        var countByScheme = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var uri = new Uri(url.Replace("*", "localhost", StringComparison.Ordinal).Replace("+", "localhost", StringComparison.Ordinal));
            var count = countByScheme[uri.Scheme] = countByScheme.GetValueOrDefault(uri.Scheme) + 1;
            builder.Resource.Annotations.Add(new EndpointAnnotation(ProtocolType.Tcp, uriScheme: uri.Scheme, name: count == 1 ? uri.Scheme : uri.Scheme + count, port: uri.Port)
            {
                FromLaunchProfile = true,
            });
        }

        if (profile.Profile.LaunchUrl is { Length: > 0 } launchUrl && !Uri.TryCreate(launchUrl, UriKind.Absolute, out _))
        {
            builder.WithUrls(context =>
            {
                foreach (var url in context.Urls.Where(u => u.Endpoint is not null && Uri.TryCreate(u.Url, UriKind.Absolute, out _)))
                {
                    url.Url = new Uri(new Uri(url.Url), launchUrl).ToString();
                }
            });
        }
    }

    private static void AddDefaultHttps(ProjectResource project)
    {
        if (!project.Annotations.OfType<EndpointAnnotation>().Any(e => e.UriScheme == "https"))
        {
            project.Annotations.Add(new EndpointAnnotation(ProtocolType.Tcp, uriScheme: "https", name: "https") { IsDefaultHttps = true });
        }
    }

    private static void AddRunEnvironment(IResourceBuilder<ProjectResource> builder, NamedLaunchProfile? profile) => builder.WithEnvironment(context =>
    {
        var variables = context.EnvironmentVariables;
        if (profile is not null)
        {
            variables.TryAdd("DOTNET_LAUNCH_PROFILE", profile.Name);
            foreach (var (name, value) in profile.Profile.EnvironmentVariables)
            {
                variables.TryAdd(name, Environment.ExpandEnvironmentVariables(value));
            }
        }

        var endpoints = WebEndpoints(builder.Resource);
        if (endpoints.Length > 0 && !variables.ContainsKey("ASPNETCORE_URLS"))
        {
            var urls = new ReferenceExpressionBuilder();
            foreach (var endpoint in endpoints)
            {
                urls.AppendLiteral(urls.IsEmpty ? "" : ";");
                urls.AppendLiteral($"{endpoint.Scheme}://{endpoint.EndpointAnnotation.TargetHost}:");
                urls.AppendFormatted(endpoint.Property(EndpointProperty.TargetPort));
            }

            variables["ASPNETCORE_URLS"] = urls.Build();
            if (endpoints.FirstOrDefault(e => e.IsHttps) is { } https)
            {
                variables.TryAdd("ASPNETCORE_HTTPS_PORT", https.Property(EndpointProperty.Port));
            }
        }
    });

    private static void AddPublishEnvironment(IResourceBuilder<ProjectResource> builder) => builder.WithEnvironment(context =>
    {
        var endpoints = WebEndpoints(builder.Resource);
        if (endpoints.Length > 0 && !builder.Resource.HasAnnotationOfType<DisableForwardedHeadersAnnotation>())
        {
            context.EnvironmentVariables["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true";
        }

        AddPorts("HTTP_PORTS", endpoints.Where(e => e.IsHttp));
        AddPorts("HTTPS_PORTS", endpoints.Where(e => e.IsHttps && !e.EndpointAnnotation.IsDefaultHttps));

        void AddPorts(string variable, IEnumerable<EndpointReference> ofScheme)
        {
            var ports = new ReferenceExpressionBuilder();
            foreach (var endpoint in ofScheme)
            {
                ports.AppendLiteral(ports.IsEmpty ? "" : ";");
                ports.AppendFormatted(endpoint.Property(EndpointProperty.TargetPort));
            }

            if (!ports.IsEmpty)
            {
                context.EnvironmentVariables[variable] = ports.Build();
            }
        }
    });

    private static EndpointReference[] WebEndpoints(ProjectResource project) =>
        [.. project.GetEndpoints().Where(e => (e.IsHttp || e.IsHttps) && project.EndpointInEnvironment(e.EndpointAnnotation))];
}
