using System.Text.Json;
using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Host;

/// <summary>A configuration file cannot be used; the message says where and why, one problem a line.</summary>
internal sealed class ConfigurationException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// What a configuration file declares, and where: by the name of the queue, topic or <c>topic/Subscriptions/subscription</c>.
/// </summary>
internal sealed record EmulatorEntities(
    IReadOnlyList<QueueOptions> Queues, IReadOnlyList<TopicOptions> Topics, IReadOnlyDictionary<string, string> Places)
{
    public static readonly EmulatorEntities None = new([], [], new Dictionary<string, string>());

    /// <summary>What is wrong where something forwards to nothing, as the file's problem.</summary>
    public string Explain(string file, IEnumerable<MissingTarget> missing) => string.Join(
        Environment.NewLine,
        missing.Select(
            target => $"{file}: {Places[target.Entity]}.Properties.{target.Problem} Declare it in this file, or correct the name."));
}

/// <summary>
/// Reads the Config.json of the official emulator (Microsoft Learn: "Test locally by using the Azure Service Bus emulator"; the emulator's
/// Config-schema.json):
/// <code>
/// { "UserConfig": {
///     "Namespaces": [
///         { "Name": "...", "Queues": [ { "Name": "...", "Properties": { "LockDuration": "PT1M", ... } } ], "Topics": [ ... ] } ],
///     "Logging": { "Type": "File" } } }
/// </code>
/// What it does not know it refuses. Comments and trailing commas are allowed, as in the emulator's own
/// file. Logging is checked and has no effect.
/// </summary>
internal static class EmulatorConfiguration
{
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>The queues and topics that a file declares.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read, or has something that this broker does not know.</exception>
    public static EmulatorEntities Read(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (JsonException malformed)
        {
            throw new ConfigurationException($"{path} is not JSON: {malformed.Message}", malformed);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{path} cannot be read: {unreadable.Message}", unreadable);
        }
    }

    /// <summary>The queues and topics that the text of a file declares.</summary>
    /// <param name="json">The text.</param>
    /// <param name="file">The file's name, for messages.</param>
    public static EmulatorEntities Parse(string json, string file)
    {
        using var document = JsonDocument.Parse(json, Lenient);
        var problems = new ConfigProblems();
        var entities = new Entities();
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new ConfigurationException($"{file}: The file must be a JSON object. Write {{ \"UserConfig\": ... }}.");
        }

        foreach (var member in document.RootElement.EnumerateObject())
        {
            if (member.Name is not ("UserConfig" or "$schema"))
            {
                problems.Add(member.Name, "Unknown member at the root of the file. Member names are case-sensitive: write \"UserConfig\".");
            }
        }

        if (document.RootElement.TryGetProperty("UserConfig", out var user))
        {
            ReadUser(new ConfigNode("UserConfig", user, problems), entities);
        }
        else
        {
            problems.Add("UserConfig", "Missing. The file has the format of the official emulator's Config.json.");
        }

        return problems.All.Count == 0
            ? new EmulatorEntities(entities.Queues, entities.Topics, entities.Places)
            : throw new ConfigurationException(string.Join(Environment.NewLine, problems.All.Select(problem => $"{file}: {problem}")));
    }

    private static void ReadUser(ConfigNode node, Entities entities)
    {
        var user = node.Members("Namespaces", "Logging");
        user.GetValueOrDefault("Logging")?.Members("Type").GetValueOrDefault("Type")?.OneOf(
            "File", "Console", "File,Console", "Console,File");
        if (!user.TryGetValue("Namespaces", out var spaces))
        {
            node.Refuse(
                "'Namespaces' is missing. Write \"Namespaces\": [ { \"Name\": \"sbemulatorns\", \"Queues\": [ ... "
                + "], \"Topics\": [ ... ] } ].");
            return;
        }

        var namespaces = spaces.Items();
        foreach (var space in namespaces.Skip(1))
        {
            space.Refuse("The broker has a single namespace. Declare everything in the first one.");
        }

        foreach (var space in namespaces.Take(1))
        {
            var members = space.Members("Name", "Queues", "Topics");
            members.GetValueOrDefault("Name")?.Text();
            foreach (var queue in members.GetValueOrDefault("Queues")?.Items() ?? [])
            {
                entities.Add(EmulatorQueues.Read(queue), queue);
            }

            foreach (var topic in members.GetValueOrDefault("Topics")?.Items() ?? [])
            {
                entities.Add(EmulatorTopics.Read(topic), topic);
            }
        }
    }

    /// <summary>What was read, by name.</summary>
    private sealed class Entities
    {
        public List<QueueOptions> Queues { get; } = [];

        public List<TopicOptions> Topics { get; } = [];

        public Dictionary<string, string> Places { get; } = new(StringComparer.OrdinalIgnoreCase);

        public void Add(QueueOptions queue, ConfigNode node)
        {
            Place(queue.Name, node);
            Queues.Add(queue);
        }

        public void Add((TopicOptions Topic, IReadOnlyList<ConfigNode> Subscriptions) read, ConfigNode node)
        {
            Place(read.Topic.Name, node);
            for (var index = 0; index < read.Subscriptions.Count; index++)
            {
                Place(read.Topic.Subscriptions[index].ToQueue(read.Topic).Name, read.Subscriptions[index]);
            }

            Topics.Add(read.Topic);
        }

        private void Place(string name, ConfigNode node)
        {
            if (!Places.TryAdd(name, node.Path))
            {
                node.Refuse(
                    $"'{name}' is already declared at {Places[name]}. Queues and topics share one set of names, "
                    + "and letter case doesn't matter.");
            }
        }
    }
}
