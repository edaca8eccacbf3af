# The event job 'order-mailer' on Azure Container Apps in the cloud china, with everything it needs except its image.
# NOT INCLUDED: the worker's connection ConnectionStrings__cache to 'cache', which is not in the namespace 'shop'.
# NOT INCLUDED: requiresPreprocessing of the rule 'large' of 'orders/mail': azurerm has no field for it.
# Assign a role that lets the identity 'order-mailer-scaler' read what the rule 'uploads' (azure-queue) counts.
terraform {
  required_version = ">= 1.5"

  required_providers {
    azapi = {
      source  = "azure/azapi"
      version = ">= 2.0"
    }

    azurerm = {
      source  = "hashicorp/azurerm"
      version = ">= 4.81"
    }
  }
}

provider "azurerm" {
  environment = "china"

  features {
    servicebus {
      auto_delete_subscription_default_rule = true
    }
  }
}

provider "azapi" {
  environment = "china"
}

variable "resource_group_name" {
  description = "Name of the resource group that is created."
  type        = string
}

variable "location" {
  description = "Azure region, for example chinanorth3."
  type        = string
}

variable "servicebus_namespace_name" {
  description = "Name of the Service Bus namespace that is created; unique in all of Azure."
  type        = string
}

variable "container_registry_name" {
  description = "Name of the container registry that holds the image, without .azurecr.cn."
  type        = string
}

variable "container_registry_resource_group_name" {
  description = "Resource group of the container registry."
  type        = string
}

variable "workload_profile_type" {
  description = "Type of the workload profile 'heavy', for example D4."
  type        = string
}

variable "workload_profile_minimum_count" {
  description = "Minimum number of nodes of the workload profile 'heavy'."
  type        = number
}

variable "workload_profile_maximum_count" {
  description = "Maximum number of nodes of the workload profile 'heavy'."
  type        = number
}

variable "store_outputs_suffix" {
  description = "Value of store.outputs.suffix in the AppHost."
  type        = string
}

variable "team" {
  description = "Value of the parameter 'team'."
  type        = string
}

variable "store_outputs_name" {
  description = "Value of store.outputs.name in the AppHost."
  type        = string
}

variable "secret_rabbit_host" {
  description = "Value of the secret 'rabbit-host'."
  type        = string
  sensitive   = true
}

variable "secret_api_token" {
  description = "Value of the secret 'api-token'."
  type        = string
  sensitive   = true
}

variable "secret_license" {
  description = "Value of the secret 'license'."
  type        = string
  sensitive   = true
}

resource "azurerm_resource_group" "main" {
  name     = var.resource_group_name
  location = var.location
}

resource "azurerm_log_analytics_workspace" "main" {
  name                = "order-mailer-logs"
  location            = azurerm_resource_group.main.location
  resource_group_name = azurerm_resource_group.main.name
  sku                 = "PerGB2018"
  retention_in_days   = 30
}

resource "azurerm_container_app_environment" "main" {
  name                       = "order-mailer-environment"
  location                   = azurerm_resource_group.main.location
  resource_group_name        = azurerm_resource_group.main.name
  logs_destination           = "log-analytics"
  log_analytics_workspace_id = azurerm_log_analytics_workspace.main.id

  workload_profile {
    name                  = "Consumption"
    workload_profile_type = "Consumption"
  }

  workload_profile {
    name                  = "heavy"
    workload_profile_type = var.workload_profile_type
    minimum_count         = var.workload_profile_minimum_count
    maximum_count         = var.workload_profile_maximum_count
  }
}

resource "azurerm_servicebus_namespace" "shop" {
  name                = var.servicebus_namespace_name
  location            = azurerm_resource_group.main.location
  resource_group_name = azurerm_resource_group.main.name
  sku                 = "Standard"
  local_auth_enabled  = true
}

resource "azurerm_servicebus_queue" "bounced" {
  name                                    = "bounced"
  namespace_id                            = azurerm_servicebus_namespace.shop.id
  lock_duration                           = "PT5M"
  max_delivery_count                      = 3
  default_message_ttl                     = "P14D"
  dead_lettering_on_message_expiration    = true
  requires_duplicate_detection            = true
  duplicate_detection_history_time_window = "PT1H30M"
  requires_session                        = false
  forward_dead_lettered_messages_to       = azurerm_servicebus_topic.orders.name
}

resource "azurerm_servicebus_queue" "intake" {
  name         = "intake"
  namespace_id = azurerm_servicebus_namespace.shop.id
  forward_to   = azurerm_servicebus_queue.bounced.name
}

resource "azurerm_servicebus_topic" "orders" {
  name                                    = "orders"
  namespace_id                            = azurerm_servicebus_namespace.shop.id
  default_message_ttl                     = "P1D"
  requires_duplicate_detection            = true
  duplicate_detection_history_time_window = "PT30.5S"
}

resource "azurerm_servicebus_subscription" "orders_mail" {
  name                                 = "mail"
  topic_id                             = azurerm_servicebus_topic.orders.id
  lock_duration                        = "PT1M30S"
  max_delivery_count                   = 10
  default_message_ttl                  = "PT1H"
  dead_lettering_on_message_expiration = true
  requires_session                     = false
  forward_dead_lettered_messages_to    = azurerm_servicebus_queue.bounced.name
}

resource "azurerm_servicebus_subscription_rule" "orders_mail_large" {
  name            = "large"
  subscription_id = azurerm_servicebus_subscription.orders_mail.id
  filter_type     = "CorrelationFilter"

  correlation_filter {
    content_type        = "application/json"
    correlation_id      = "c-1"
    label               = "order"
    message_id          = "m-1"
    reply_to            = "answers"
    reply_to_session_id = "s-2"
    session_id          = "s-1"
    to                  = "mail"

    properties = {
      color        = "red"
      "size of it" = "\"large\""
    }
  }
}

resource "azurerm_servicebus_subscription_rule" "orders_mail_old" {
  name            = "old"
  subscription_id = azurerm_servicebus_subscription.orders_mail.id
  filter_type     = "SqlFilter"
  sql_filter      = "age > 7 AND kind = 'order'"
  action          = "SET sys.Label = 'old $${order}'"
}

resource "azurerm_servicebus_subscription" "orders_archive" {
  name               = "archive"
  topic_id           = azurerm_servicebus_topic.orders.id
  max_delivery_count = 10
}

resource "azurerm_servicebus_subscription_rule" "orders_archive_all" {
  name            = "all"
  subscription_id = azurerm_servicebus_subscription.orders_archive.id
  filter_type     = "SqlFilter"
  sql_filter      = "1=1"
}

resource "azurerm_user_assigned_identity" "order_mailer" {
  name                = "order-mailer"
  location            = azurerm_resource_group.main.location
  resource_group_name = azurerm_resource_group.main.name
}

resource "azurerm_user_assigned_identity" "order_mailer_scaler" {
  name                = "order-mailer-scaler"
  location            = azurerm_resource_group.main.location
  resource_group_name = azurerm_resource_group.main.name
}

data "azurerm_container_registry" "main" {
  name                = var.container_registry_name
  resource_group_name = var.container_registry_resource_group_name
}

resource "azurerm_role_assignment" "order_mailer_scaler_manages_shop" {
  scope                = azurerm_servicebus_namespace.shop.id
  role_definition_name = "Azure Service Bus Data Owner"
  principal_id         = azurerm_user_assigned_identity.order_mailer_scaler.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "order_mailer_receives_from_shop" {
  scope                = azurerm_servicebus_namespace.shop.id
  role_definition_name = "Azure Service Bus Data Receiver"
  principal_id         = azurerm_user_assigned_identity.order_mailer.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "order_mailer_sends_to_shop" {
  scope                = azurerm_servicebus_namespace.shop.id
  role_definition_name = "Azure Service Bus Data Sender"
  principal_id         = azurerm_user_assigned_identity.order_mailer.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "order_mailer_receives_from_bounced" {
  scope                = azurerm_servicebus_queue.bounced.id
  role_definition_name = "Azure Service Bus Data Receiver"
  principal_id         = azurerm_user_assigned_identity.order_mailer.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "order_mailer_sends_to_bounced" {
  scope                = azurerm_servicebus_queue.bounced.id
  role_definition_name = "Azure Service Bus Data Sender"
  principal_id         = azurerm_user_assigned_identity.order_mailer.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "order_mailer_sends_to_orders" {
  scope                = azurerm_servicebus_topic.orders.id
  role_definition_name = "Azure Service Bus Data Sender"
  principal_id         = azurerm_user_assigned_identity.order_mailer.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "order_mailer_receives_from_orders_mail" {
  scope                = azurerm_servicebus_subscription.orders_mail.id
  role_definition_name = "Azure Service Bus Data Receiver"
  principal_id         = azurerm_user_assigned_identity.order_mailer.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "order_mailer_pulls_images" {
  scope                = data.azurerm_container_registry.main.id
  role_definition_name = "AcrPull"
  principal_id         = azurerm_user_assigned_identity.order_mailer.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_container_app_job" "order_mailer" {
  name                         = "order-mailer"
  location                     = azurerm_resource_group.main.location
  resource_group_name          = azurerm_resource_group.main.name
  container_app_environment_id = azurerm_container_app_environment.main.id
  workload_profile_name        = "heavy"
  replica_timeout_in_seconds   = 3600
  replica_retry_limit          = 2

  event_trigger_config {
    parallelism              = 3
    replica_completion_count = 2

    scale {
      polling_interval_in_seconds = 15
      min_executions              = 1
      max_executions              = 20

      rules {
        name             = "orders"
        custom_rule_type = "azure-servicebus"

        metadata = {
          topicName              = "orders"
          subscriptionName       = "mail"
          cloud                  = "AzureChinaCloud"
          messageCount           = "50"
          activationMessageCount = "3"
        }

        authentication {
          secret_name       = "messaging-connection"
          trigger_parameter = "connection"
        }
      }

      rules {
        name             = "returns"
        custom_rule_type = "azure-servicebus"
        identity_id      = azurerm_user_assigned_identity.order_mailer_scaler.id

        metadata = {
          queueName              = "bounced"
          namespace              = azurerm_servicebus_namespace.shop.name
          cloud                  = "AzureChinaCloud"
          messageCount           = "1"
          activationMessageCount = "0"
        }
      }

      rules {
        name             = "night"
        custom_rule_type = "cron"

        metadata = {
          timezone        = "Europe/Berlin"
          start           = "0 2 * * *"
          end             = "30 2 * * *"
          desiredReplicas = "1"
        }
      }

      rules {
        name             = "uploads"
        custom_rule_type = "azure-queue"
        identity_id      = azurerm_user_assigned_identity.order_mailer_scaler.id

        metadata = {
          queueName      = "uploads"
          accountName    = "acme's store"
          endpointSuffix = var.store_outputs_suffix
          queueLength    = "5"
        }
      }

      rules {
        name             = "postbox"
        custom_rule_type = "rabbitmq"

        metadata = {
          queueName = "post"
          mode      = "QueueLength"
          value     = "20"
        }

        authentication {
          secret_name       = "rabbit-host"
          trigger_parameter = "host"
        }
      }
    }
  }

  template {
    container {
      name    = "order-mailer"
      image   = "${data.azurerm_container_registry.main.login_server}/order-mailer:latest"
      cpu     = 1.25
      memory  = "2.5Gi"
      command = ["/bin/mailer", "order's"]
      args    = ["send", "team=${var.team}"]

      env {
        name  = "Greeting"
        value = "it's \"dear\" $USER, 100 % & more"
      }

      env {
        name  = "QueueJob__ReplicaTimeout"
        value = "01:00:00"
      }

      env {
        name  = "TEAM"
        value = var.team
      }

      env {
        name  = "STORE"
        value = "https://${var.store_outputs_name}/in"
      }

      env {
        name        = "API_KEY"
        secret_name = "api-key"
      }

      env {
        name        = "LICENSE"
        secret_name = "license"
      }

      env {
        name  = "ConnectionStrings__shop"
        value = "https://${azurerm_servicebus_namespace.shop.name}.servicebus.chinacloudapi.cn:443/"
      }

      env {
        name  = "ConnectionStrings__bus"
        value = "https://${azurerm_servicebus_namespace.shop.name}.servicebus.chinacloudapi.cn:443/"
      }

      env {
        name  = "ConnectionStrings__bounced"
        value = "Endpoint=sb://${azurerm_servicebus_namespace.shop.name}.servicebus.chinacloudapi.cn/;EntityPath=bounced"
      }

      env {
        name  = "ConnectionStrings__door"
        value = "Endpoint=sb://${azurerm_servicebus_namespace.shop.name}.servicebus.chinacloudapi.cn/;EntityPath=intake"
      }

      env {
        name  = "ConnectionStrings__orders"
        value = "Endpoint=sb://${azurerm_servicebus_namespace.shop.name}.servicebus.chinacloudapi.cn/;EntityPath=orders"
      }

      env {
        name  = "ConnectionStrings__mail"
        value = "Endpoint=sb://${azurerm_servicebus_namespace.shop.name}.servicebus.chinacloudapi.cn/;EntityPath=orders/Subscriptions/mail"
      }

      env {
        name  = "AZURE_CLIENT_ID"
        value = azurerm_user_assigned_identity.order_mailer.client_id
      }

      env {
        name  = "AZURE_TOKEN_CREDENTIALS"
        value = "ManagedIdentityCredential"
      }
    }
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.order_mailer.id, azurerm_user_assigned_identity.order_mailer_scaler.id]
  }

  registry {
    server   = data.azurerm_container_registry.main.login_server
    identity = azurerm_user_assigned_identity.order_mailer.id
  }

  secret {
    name  = "messaging-connection"
    value = azurerm_servicebus_namespace.shop.default_primary_connection_string
  }

  secret {
    name  = "rabbit-host"
    value = var.secret_rabbit_host
  }

  secret {
    name  = "api-key"
    value = var.secret_api_token
  }

  secret {
    name  = "license"
    value = "key=${var.secret_license};team=${var.team}"
  }

  depends_on = [
    azurerm_role_assignment.order_mailer_scaler_manages_shop,
    azurerm_role_assignment.order_mailer_receives_from_shop,
    azurerm_role_assignment.order_mailer_sends_to_shop,
    azurerm_role_assignment.order_mailer_receives_from_bounced,
    azurerm_role_assignment.order_mailer_sends_to_bounced,
    azurerm_role_assignment.order_mailer_sends_to_orders,
    azurerm_role_assignment.order_mailer_receives_from_orders_mail,
    azurerm_role_assignment.order_mailer_pulls_images,
  ]
}

# For the platform only: no code in a container can sign in with these identities.
resource "azapi_update_resource" "order_mailer_identity_settings" {
  type        = "Microsoft.App/jobs@2025-07-01"
  resource_id = azurerm_container_app_job.order_mailer.id

  body = {
    properties = {
      configuration = {
        identitySettings = [
          { identity = azurerm_user_assigned_identity.order_mailer_scaler.id, lifecycle = "None" },
        ]
      }
    }
  }
}
