package dev.meshdx.envoy;

import org.jspecify.annotations.Nullable;

/** A part of a config dump. Source: Envoy, {@code admin/v3/config_dump.proto}. */
enum Section {
    BOOTSTRAP("bootstrap", "bootstrap"),
    CLUSTERS("clusters", "static_clusters,dynamic_active_clusters,dynamic_warming_clusters"),
    ENDPOINTS("endpoints", "static_endpoint_configs,dynamic_endpoint_configs"),
    LISTENERS("listeners", "static_listeners,dynamic_listeners"),
    ROUTES("routes", "static_route_configs,dynamic_route_configs"),
    SECRETS("secrets", "static_secrets,dynamic_active_secrets,dynamic_warming_secrets"),
    EXTENSIONS("extensions", "ecds_filters");

    private final String text;
    private final String mask;

    Section(String text, String mask) {
        this.text = text;
        this.mask = mask;
    }

    /** For messages. */
    String text() {
        return text;
    }

    /**
     * What to ask an Envoy for to get this section alone: it leaves out the sections that lack one of these fields. Source:
     * Envoy, "Administration interface", {@code /config_dump?mask=}.
     */
    String mask() {
        return mask;
    }

    /** The section of a message type, with or without its {@code type.googleapis.com/envoy.admin.v3.}. */
    static @Nullable Section ofType(String type) {
        return switch (type.substring(type.lastIndexOf('.') + 1)) {
            case "BootstrapConfigDump" -> BOOTSTRAP;
            case "ClustersConfigDump" -> CLUSTERS;
            case "EndpointsConfigDump" -> ENDPOINTS;
            case "ListenersConfigDump" -> LISTENERS;
            case "RoutesConfigDump" -> ROUTES;
            case "SecretsConfigDump" -> SECRETS;
            case "EcdsConfigDump" -> EXTENSIONS;
            default -> null;
        };
    }

    /** The section that a list belongs to; also of Envoys that spoke v2. */
    static @Nullable Section ofList(String name) {
        return switch (name) {
            case "static_clusters", "dynamic_active_clusters", "dynamic_warming_clusters" -> CLUSTERS;
            case "static_endpoint_configs", "dynamic_endpoint_configs" -> ENDPOINTS;
            case "static_listeners",
                    "dynamic_listeners",
                    "dynamic_active_listeners",
                    "dynamic_warming_listeners",
                    "dynamic_draining_listeners" -> LISTENERS;
            case "static_route_configs", "dynamic_route_configs" -> ROUTES;
            case "static_secrets", "dynamic_active_secrets", "dynamic_warming_secrets" -> SECRETS;
            case "ecds_filters" -> EXTENSIONS;
            default -> null;
        };
    }

    /**
     * The list that an element of a flat answer ({@code ?resource=}) came from, by its type; what is warming reads as active
     * there, for its type is the same.
     */
    static @Nullable String listOfElement(String type) {
        return switch (type.substring(type.lastIndexOf('.', type.lastIndexOf('.') - 1) + 1)) {
            case "ClustersConfigDump.StaticCluster" -> "static_clusters";
            case "ClustersConfigDump.DynamicCluster" -> "dynamic_active_clusters";
            case "EndpointsConfigDump.StaticEndpointConfig" -> "static_endpoint_configs";
            case "EndpointsConfigDump.DynamicEndpointConfig" -> "dynamic_endpoint_configs";
            case "ListenersConfigDump.StaticListener" -> "static_listeners";
            case "ListenersConfigDump.DynamicListener" -> "dynamic_listeners";
            case "RoutesConfigDump.StaticRouteConfig" -> "static_route_configs";
            case "RoutesConfigDump.DynamicRouteConfig" -> "dynamic_route_configs";
            case "SecretsConfigDump.StaticSecret" -> "static_secrets";
            case "SecretsConfigDump.DynamicSecret" -> "dynamic_active_secrets";
            case "EcdsConfigDump.EcdsFilterConfig" -> "ecds_filters";
            default -> null;
        };
    }
}
