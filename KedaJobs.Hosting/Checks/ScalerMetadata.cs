using System.Collections.Frozen;

namespace KedaJobs.Hosting.Checks;

/// <summary>
/// The metadata that KEDA's scalers read. Names are case-sensitive, and KEDA ignores those that it does not know: a misspelt one leaves the
/// default in force without a word.
/// </summary>
/// <remarks>
/// Sources: the scalers' parameters in KEDA's <c>schema/generated/scalers-schema.json</c> (main, August 2026), completed with
/// what the Azure scalers read beside it (cloud, endpointSuffix and others). <c>NAMEFromEnv</c> stands for parameters that KEDA
/// also takes from a container's environment.
/// </remarks>
internal static class ScalerMetadata
{
    private static readonly FrozenDictionary<string, FrozenSet<string>> Keys = new Dictionary<string, string>
    {
        ["activemq"] =
            "managementEndpoint destinationName brokerName username usernameFromEnv password passwordFromEnv corsHeader " +
            "restAPITemplate targetQueueSize activationTargetQueueSize",
        ["apache-kafka"] =
            "bootstrapServers bootstrapServersFromEnv consumerGroup consumerGroupFromEnv topic topicFromEnv partitionLimitation " +
            "lagThreshold activationLagThreshold offsetResetPolicy allowIdleConsumers excludePersistentLag scaleToZeroOnInvalidOffset " +
            "limitToPartitionsWithLag ensureEvenDistributionOfPartitions sasl awsRegion tls",
        ["artemis-queue"] =
            "managementEndpoint queueName brokerName brokerAddress username usernameFromEnv password passwordFromEnv restApiTemplate " +
            "queueLength activationQueueLength corsHeader unsafeSsl",
        ["aws-cloudwatch"] =
            "namespace metricName dimensionName dimensionValue expression targetMetricValue activationTargetMetricValue " +
            "minMetricValue ignoreNullValues metricCollectionTime metricStat metricUnit metricStatPeriod metricEndTimeOffset " +
            "awsAccountId awsRegion awsEndpoint identityOwner",
        ["aws-kinesis-stream"] = "shardCount activationShardCount streamName awsRegion awsEndpoint identityOwner",
        ["aws-sqs-queue"] =
            "queueLength activationQueueLength queueURL queueURLFromEnv awsRegion awsEndpoint scaleOnInFlight scaleOnDelayed " +
            "identityOwner",
        ["azure-app-insights"] =
            "targetValue activationTargetValue metricId metricAggregationTimespan metricAggregationType metricFilter ignoreNullValues " +
            "cloud appInsightsResourceURL applicationInsightsId applicationInsightsIdFromEnv tenantId tenantIdFromEnv " +
            "activeDirectoryClientId activeDirectoryClientIdFromEnv activeDirectoryClientPasswordFromEnv activeDirectoryEndpoint",
        ["azure-blob"] =
            "blobContainerName blobCount activationBlobCount blobDelimiter blobPrefix recursive globPattern connection " +
            "connectionFromEnv accountName cloud endpointSuffix",
        ["azure-data-explorer"] =
            "databaseName endpoint query threshold activationThreshold tenantId tenantIdFromEnv clientId clientIdFromEnv cloud " +
            "activeDirectoryEndpoint",
        ["azure-eventhub"] =
            "eventHubName eventHubNameFromEnv eventHubNamespace eventHubNamespaceFromEnv consumerGroup unprocessedEventThreshold " +
            "activationUnprocessedEventThreshold stalePartitionInfoThreshold blobContainer checkpointStrategy storageAccountName " +
            "storageConnectionFromEnv connectionFromEnv cloud endpointSuffix storageEndpointSuffix activeDirectoryEndpoint",
        ["azure-log-analytics"] =
            "tenantId tenantIdFromEnv clientId clientIdFromEnv clientSecret clientSecretFromEnv workspaceId workspaceIdFromEnv query " +
            "threshold activationThreshold logAnalyticsResourceURL cloud unsafeSsl timeout activeDirectoryEndpoint",
        ["azure-monitor"] =
            "targetValue activationTargetValue resourceURI tenantId subscriptionId resourceGroupName metricName metricNamespace " +
            "metricFilter metricAggregationInterval metricAggregationType activeDirectoryClientId activeDirectoryClientIdFromEnv " +
            "activeDirectoryClientPassword activeDirectoryClientPasswordFromEnv cloud azureResourceManagerEndpoint",
        ["azure-pipelines"] =
            "organizationURL organizationURLFromEnv personalAccessTokenFromEnv parent demands poolName poolID " +
            "targetPipelinesQueueLength activationTargetPipelinesQueueLength jobsToFetch fetchUnfinishedJobsOnly requireAllDemands " +
            "requireAllDemandsAndIgnoreOthers caseInsensitiveDemandsProcessing",
        ["azure-queue"] =
            "queueName queueLength activationQueueLength queueLengthStrategy accountName connection connectionFromEnv cloud " +
            "endpointSuffix",
        ["azure-servicebus"] =
            "queueName topicName subscriptionName messageCount activationMessageCount namespace connectionFromEnv useRegex operation " +
            "cloud endpointSuffix",
        ["cpu"] = "type value containerName",
        ["cron"] = "start end timezone desiredReplicas",
        ["gcp-pubsub"] =
            "subscriptionSize mode value activationValue aggregation timeHorizon valueIfNull subscriptionName subscriptionNameFromEnv " +
            "topicName topicNameFromEnv credentials credentialsFromEnv credentialsFromEnvFile credentialsFromEnvFileFromEnv",
        ["github-runner"] =
            "githubApiURL githubApiURLFromEnv owner ownerFromEnv runnerScope runnerScopeFromEnv repos reposFromEnv labels " +
            "labelsFromEnv noDefaultLabels noDefaultLabelsFromEnv enableEtags enableEtagsFromEnv " +
            "matchUnlabeledJobsWithUnlabeledRunners matchUnlabeledJobsWithUnlabeledRunnersFromEnv targetWorkflowQueueLength " +
            "targetWorkflowQueueLengthFromEnv applicationID applicationIDFromEnv installationID installationIDFromEnv",
        ["kafka"] =
            "bootstrapServers bootstrapServersFromEnv consumerGroup consumerGroupFromEnv topic topicFromEnv partitionLimitation " +
            "lagThreshold activationLagThreshold offsetResetPolicy allowIdleConsumers excludePersistentLag scaleToZeroOnInvalidOffset " +
            "limitToPartitionsWithLag ensureEvenDistributionOfPartitions fullMetadata version tls unsafeSsl sasl saslTokenProvider " +
            "awsRegion",
        ["memory"] = "type value containerName",
        ["metrics-api"] =
            "targetValue activationTargetValue url format valueLocation unsafeSsl aggregateFromKubeServiceEndpoints aggregationType " +
            "timeout authModes authMode apiKey method keyParamName",
        ["mongodb"] =
            "connectionString connectionStringFromEnv scheme host port username password passwordFromEnv dbName collection query " +
            "queryValue activationQueryValue",
        ["mssql"] =
            "connectionStringFromEnv username passwordFromEnv host port database query targetValue activationTargetValue",
        ["mysql"] =
            "connectionStringFromEnv username usernameFromEnv passwordFromEnv host port dbName query queryValue activationQueryValue " +
            "metricName",
        ["nats-jetstream"] =
            "account accountID stream consumer lagThreshold activationLagThreshold useHttps natsServerMonitoringEndpoint",
        ["nsq"] =
            "nsqLookupdHTTPAddresses nsqLookupdHTTPAddressesFromEnv topic topicFromEnv channel channelFromEnv depthThreshold " +
            "depthThresholdFromEnv activationDepthThreshold activationDepthThresholdFromEnv useHttps useHttpsFromEnv unsafeSsl " +
            "unsafeSslFromEnv",
        ["postgresql"] =
            "targetQueryValue activationTargetQueryValue connectionFromEnv query host port userName dbName sslmode passwordFromEnv",
        ["prometheus"] =
            "serverAddress query queryParameters threshold activationThreshold namespace customHeaders ignoreNullValues unsafeSsl " +
            "awsRegion timeout identityOwner authModes authMode apiKey method keyParamName",
        ["pulsar"] =
            "adminURL adminURLFromEnv topic topicFromEnv subscription subscriptionFromEnv msgBacklogThreshold " +
            "activationMsgBacklogThreshold isPartitionedTopic tls",
        ["rabbitmq"] =
            "queueName mode queueLength value activationValue host hostFromEnv protocol vhostName useRegex excludeUnacknowledged " +
            "pageSize operation timeout usernameFromEnv passwordFromEnv unsafeSsl",
        ["redis"] =
            "listLength activationListLength listName databaseIndex enableTLS address addressFromEnv addresses addressesFromEnv " +
            "username usernameFromEnv password passwordFromEnv sentinelUsername sentinelUsernameFromEnv sentinelPassword " +
            "sentinelPasswordFromEnv sentinelMaster sentinelMasterFromEnv host hostFromEnv hosts hostsFromEnv port portFromEnv ports " +
            "portsFromEnv unsafeSsl",
        ["redis-cluster"] =
            "listLength activationListLength listName databaseIndex enableTLS address addressFromEnv addresses addressesFromEnv " +
            "username usernameFromEnv password passwordFromEnv sentinelUsername sentinelUsernameFromEnv sentinelPassword " +
            "sentinelPasswordFromEnv sentinelMaster sentinelMasterFromEnv host hostFromEnv hosts hostsFromEnv port portFromEnv ports " +
            "portsFromEnv unsafeSsl",
        ["redis-cluster-streams"] =
            "pendingEntriesCount streamLength lagCount stream consumerGroup databaseIndex address addressFromEnv addresses " +
            "addressesFromEnv username usernameFromEnv password passwordFromEnv sentinelUsername sentinelUsernameFromEnv " +
            "sentinelPassword sentinelPasswordFromEnv sentinelMaster sentinelMasterFromEnv host hostFromEnv hosts hostsFromEnv port " +
            "portFromEnv ports portsFromEnv unsafeSsl activationLagCount enableTLS",
        ["redis-sentinel"] =
            "listLength activationListLength listName databaseIndex enableTLS address addressFromEnv addresses addressesFromEnv " +
            "username usernameFromEnv password passwordFromEnv sentinelUsername sentinelUsernameFromEnv sentinelPassword " +
            "sentinelPasswordFromEnv sentinelMaster sentinelMasterFromEnv host hostFromEnv hosts hostsFromEnv port portFromEnv ports " +
            "portsFromEnv unsafeSsl",
        ["redis-sentinel-streams"] =
            "pendingEntriesCount streamLength lagCount stream consumerGroup databaseIndex address addressFromEnv addresses " +
            "addressesFromEnv username usernameFromEnv password passwordFromEnv sentinelUsername sentinelUsernameFromEnv " +
            "sentinelPassword sentinelPasswordFromEnv sentinelMaster sentinelMasterFromEnv host hostFromEnv hosts hostsFromEnv port " +
            "portFromEnv ports portsFromEnv unsafeSsl activationLagCount enableTLS",
        ["redis-streams"] =
            "pendingEntriesCount streamLength lagCount stream consumerGroup databaseIndex address addressFromEnv addresses " +
            "addressesFromEnv username usernameFromEnv password passwordFromEnv sentinelUsername sentinelUsernameFromEnv " +
            "sentinelPassword sentinelPasswordFromEnv sentinelMaster sentinelMasterFromEnv host hostFromEnv hosts hostsFromEnv port " +
            "portFromEnv ports portsFromEnv unsafeSsl activationLagCount enableTLS",
        ["temporal"] =
            "endpoint endpointFromEnv namespace namespaceFromEnv activationTargetQueueSize targetQueueSize taskQueue taskQueueFromEnv " +
            "queueTypes buildId buildIdFromEnv workerDeploymentName workerDeploymentNameFromEnv workerDeploymentBuildId " +
            "workerDeploymentBuildIdFromEnv selectAllActive selectUnversioned includeRunningWorkflowCount workflowTaskQueueForCount " +
            "workflowTaskQueueForCountFromEnv apiKeyFromEnv minConnectTimeout enableTLS unsafeSsl tlsServerName",
    }.ToFrozenDictionary(entry => entry.Key, entry => Words(entry.Value));

    // Types whose metadata is not listed here, or is whatever the user's own scaler takes.
    private static readonly FrozenSet<string> OtherTypes = Words(
        "arangodb aws-dynamodb aws-dynamodb-streams beanstalkd cassandra clickhouse couchdb datadog dynatrace elastic-forecast " +
        "elasticsearch etcd external external-push forgejo-runner gcp-cloudtasks gcp-spanner gcp-stackdriver gcp-storage graphite " +
        "huawei-cloudeye ibmmq influxdb kubernetes-resource kubernetes-workload liiklus loki new-relic opensearch openstack-metric " +
        "openstack-swift predictkube selenium-grid solace-direct-messaging solace-event-queue solarwinds solr splunk " +
        "splunk-observability sumologic");

    /// <summary>The types of KEDA's scalers.</summary>
    public static IEnumerable<string> Types => Keys.Keys.Concat(OtherTypes);

    public static bool IsType(string type) => Keys.ContainsKey(type) || OtherTypes.Contains(type);

    /// <summary>The names that a scaler of this type reads; null where they are not known here.</summary>
    public static IReadOnlySet<string>? Of(string type) => Keys.GetValueOrDefault(type);

    private static FrozenSet<string> Words(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
