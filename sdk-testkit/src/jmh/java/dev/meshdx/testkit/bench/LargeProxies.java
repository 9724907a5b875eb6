package dev.meshdx.testkit.bench;

import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.traffic.HttpRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Proxies with many routes, as istiod configures them, and requests to them: seven of ten are taken by a route at a random
 * place, the rest by none or nearly by one. The same every time.
 */
enum LargeProxies {
    /** A sidecar: 2,000 virtual hosts with five routes each, on one port. */
    MESH {
        @Override
        String listeners() {
            return OUTBOUND + "," + listener("0.0.0.0_8080", 8080, "", chain("", http(rds("8080"), "")));
        }

        @Override
        String routes() {
            return config(
                    "8080",
                    list(
                            2_000,
                            i -> virtualHost(
                                    host(i) + ":8080",
                                    "\"" + host(i) + "\", \"service-" + i + ".team-" + i % 40 + "\", \"10.96." + i / 250
                                            + "." + i % 250 + "\"",
                                    String.join(
                                            ",",
                                            route("exact", "\"path\": \"/health\"", i),
                                            route(
                                                    "new",
                                                    "\"prefix\": \"/api/v2/\", \"headers\": ["
                                                            + header("x-version", "v2") + "]",
                                                    i),
                                            route("api", "\"prefix\": \"/api/\"", i),
                                            route(
                                                    "posts",
                                                    "\"path_separated_prefix\": \"/orders\", \"headers\": ["
                                                            + header(":method", "POST") + "]",
                                                    i),
                                            route(
                                                    "users",
                                                    "\"safe_regex\": {\"regex\": \"/users/[0-9]+(/.*)?\"}",
                                                    i)))));
        }

        @Override
        HttpRequest request(int i, int kind) {
            String url = "http://" + host(i % 2_000) + ":8080";
            return switch (kind) {
                case 0 -> HttpRequest.get("http://service-" + i + ".nowhere.svc.cluster.local:8080/api/" + i);
                case 1 -> HttpRequest.get(url + "/orders/" + i);
                case 2 -> HttpRequest.get(url + "/API/items/" + i);
                case 3, 4 ->
                    HttpRequest.get(url + "/api/v2/items/" + i + "?page=2").header("x-version", "v2");
                case 5, 6 -> HttpRequest.get(url + "/users/" + i + "/orders");
                case 7 -> HttpRequest.get(url + "/health");
                default -> HttpRequest.of("POST", url + "/orders/" + i);
            };
        }
    },

    /** A gateway with one host: exact paths, prefixes, whole segments, expressions; one route in five wants more than its path. */
    GATEWAY {
        @Override
        String match(int i) {
            String more = switch (i % 5 == 2 ? i / 5 % 3 : -1) {
                case 0 -> ", \"headers\": [" + header("x-version", "v2") + "]";
                case 1 -> ", \"headers\": [" + header(":method", "POST") + "]";
                case 2 -> ", \"query_parameters\": [{\"name\": \"v\", \"string_match\": {\"exact\": \"2\"}}]";
                default -> "";
            };
            return switch (i % 10) {
                        case 0, 1, 2, 3 -> "\"path\": \"/api/v1/item-" + i + "/details\"";
                        case 4, 5, 6 -> "\"prefix\": \"/shop/" + i + "/\"";
                        case 7, 8 -> "\"path_separated_prefix\": \"/team/" + i + "\"";
                        default -> "\"safe_regex\": {\"regex\": \"/users/" + i + "/[0-9]+/orders(/.*)?\"}";
                    }
                    + more;
        }

        @Override
        HttpRequest request(int i, int kind) {
            String path = switch (i % 10) {
                case 0, 1, 2, 3 -> "/api/v1/item-" + i + "/details?v=2";
                case 4, 5, 6 -> "/shop/" + i + "/cart?v=2";
                case 7, 8 -> "/team/" + i + "/members?v=2";
                default -> "/users/" + i + "/77/orders";
            };
            return switch (kind) {
                case 0 -> HttpRequest.get(GATEWAY_HOST + "/nothing/" + i);
                case 1 ->
                    HttpRequest.get(GATEWAY_HOST + path.replace("?v=2", "").toUpperCase(java.util.Locale.ROOT));
                case 2 -> HttpRequest.get(GATEWAY_HOST + path.replace("?v=2", "/"));
                default -> HttpRequest.of("POST", GATEWAY_HOST + path).header("x-version", "v2");
            };
        }
    },

    /** A gateway whose routes are expressions of which it is not plain to see how they begin. */
    EXPRESSIONS {
        @Override
        String match(int i) {
            return "\"safe_regex\": {\"regex\": \"/[^/]+/item-" + i + "(/.*)?\"}";
        }

        @Override
        HttpRequest request(int i, int kind) {
            return switch (kind) {
                case 0 -> HttpRequest.get(GATEWAY_HOST + "/nothing");
                case 1 -> HttpRequest.get(GATEWAY_HOST + "/shop/ITEM-" + i);
                case 2 -> HttpRequest.get(GATEWAY_HOST + "/shop/item-" + i + "-a");
                default -> HttpRequest.get(GATEWAY_HOST + "/shop/item-" + i + "/details");
            };
        }
    },

    /** A gateway whose routes all take the same paths, and are told apart by a header. */
    TENANTS {
        @Override
        String match(int i) {
            return "\"prefix\": \"/\", \"headers\": [" + header("x-tenant", "tenant-" + i) + "]";
        }

        @Override
        HttpRequest request(int i, int kind) {
            HttpRequest request = HttpRequest.get(GATEWAY_HOST + "/orders/" + i);
            return switch (kind) {
                case 0 -> request;
                case 1 -> request.header("x-tenant", "Tenant-" + i);
                case 2 -> request.header("x-tenant", "somebody");
                default -> request.header("x-tenant", "tenant-" + i);
            };
        }
    },

    /** The same, where the header is compared by an expression. */
    TENANT_EXPRESSIONS {
        @Override
        String match(int i) {
            return "\"prefix\": \"/\", \"headers\": [{\"name\": \"x-tenant\", \"string_match\": {\"safe_regex\": {\"regex\":"
                    + " \"tenant-" + i + "(-.*)?\"}}}]";
        }

        @Override
        HttpRequest request(int i, int kind) {
            return TENANTS.request(i, kind);
        }
    },

    /** A workload: 200 filter chains, each with 200 authorization policies, fifty of which forbid. */
    INBOUND {
        @Override
        String listeners() {
            String rbac = rbac("DENY", 0, 50) + "," + rbac("ALLOW", 50, 200) + ",";
            return "{\"name\": \"virtualInbound\", \"active_state\": {\"listener\": {\"name\": \"virtualInbound\","
                    + " \"address\": {\"socket_address\": {\"address\": \"0.0.0.0\", \"port_value\": 15006}},"
                    + " \"traffic_direction\": \"INBOUND\", \"listener_filters\": [" + listenerFilter("original_dst")
                    + ","
                    + listenerFilter("tls_inspector") + "," + listenerFilter("http_inspector")
                    + "], \"filter_chains\": ["
                    + list(
                            200,
                            i -> chain(
                                    "\"destination_port\": " + (8000 + i / 2) + ", \"transport_protocol\": \""
                                            + (i % 2 == 0
                                                    ? "tls\", \"application_protocols\": [\"istio\", \"istio-http/1.1\", \"istio-h2\"]"
                                                    : "raw_buffer\""),
                                    http(
                                                    "\"route_config\": {\"name\": \"inbound|" + (8000 + i / 2)
                                                            + "||\", \"virtual_hosts\": ["
                                                            + virtualHost(
                                                                    "inbound|http|8080",
                                                                    "\"*\"",
                                                                    "{\"name\": \"default\", \"match\":"
                                                                            + " {\"prefix\": \"/\"}, \"route\": {\"cluster\": \"inbound|8080||\"}}")
                                                            + "]}",
                                                    rbac)
                                            + (i % 2 == 0 ? TLS : "")))
                    + "]}}}";
        }

        @Override
        String routes() {
            return "";
        }

        @Override
        HttpRequest request(int i, int kind) {
            int port = 8000 + i % 100;
            int policy = 50 + i % 150;
            HttpRequest request = HttpRequest.get("http://web.shop.svc.cluster.local:8080"
                            + (kind == 1 ? "/forbidden/" + i % 50 : "/allowed/" + policy) + "/x")
                    .to("10.0.0.9:" + (kind == 0 ? 7000 : port))
                    .from("10.1.2.3:40000");
            return kind == 2
                    ? request
                    : request.tls(new HttpRequest.Tls(
                            "outbound_.8080_._.web.shop.svc.cluster.local",
                            List.of("istio-http/1.1", "istio"),
                            "spiffe://cluster.local/ns/shop/sa/client-" + policy));
        }
    };

    private static final String GATEWAY_HOST = "http://shop.example.com:8080";

    private static final String OUTBOUND = """
            {"name": "virtualOutbound", "active_state": {"listener": {"name": "virtualOutbound", "use_original_dst": true,
             "address": {"socket_address": {"address": "0.0.0.0", "port_value": 15001}}, "traffic_direction": "OUTBOUND",
             "filter_chains": [{"name": "catch-all", "filters": [{"name": "envoy.filters.network.tcp_proxy",
               "typed_config": {"cluster": "PassthroughCluster"}}]}]}}}""";

    private static final String TLS = """
            , "transport_socket": {"name": "envoy.transport_sockets.tls", "typed_config": {"require_client_certificate": true,
             "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext"}}""";

    /** Requests, in random order. */
    List<HttpRequest> requests(int count) {
        Random random = new Random(42);
        List<HttpRequest> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            requests.add(request(random.nextInt(10_000), i % 10));
        }
        return requests;
    }

    /** One request to each virtual host, or filter chain. */
    List<HttpRequest> everywhere() {
        int count = this == MESH ? 2_000 : this == INBOUND ? 100 : 1;
        return IntStream.range(0, count).mapToObj(i -> request(i, 9)).toList();
    }

    /** The proxy's configuration. */
    ConfigDump dump() {
        String node = this == MESH || this == INBOUND ? "sidecar" : "router";
        String text = "{\"configs\": [{\"bootstrap\": {\"node\": {\"id\": \"" + node
                + "~10.0.0.9~web-1.shop~shop.svc.cluster.local\"}}},"
                + "{\"@type\": \"x.ClustersConfigDump\", \"dynamic_active_clusters\": ["
                + list(2_000, i -> cluster(name(i), "EDS"))
                + "," + cluster("inbound|8080||", "ORIGINAL_DST") + "]},"
                + "{\"@type\": \"x.EndpointsConfigDump\", \"dynamic_endpoint_configs\": ["
                + list(2_000, LargeProxies::endpoints) + "]},"
                + "{\"@type\": \"x.ListenersConfigDump\", \"dynamic_listeners\": [" + listeners() + "]},"
                + "{\"@type\": \"x.RoutesConfigDump\", \"dynamic_route_configs\": [" + routes() + "]}]}";
        try {
            return ConfigDump.parse(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String match(int i) {
        throw new UnsupportedOperationException();
    }

    String listeners() {
        return listener("0.0.0.0_8080", 8080, "", chain("", http(rds("http.8080"), "")));
    }

    String routes() {
        return config(
                "http.8080",
                virtualHost(
                        "shop.example.com:8080",
                        "\"shop.example.com\", \"shop.example.com:*\"",
                        list(10_000, i -> route("route-" + i, match(i), i))));
    }

    /**
     * A request.
     *
     * @param i which route it is about
     * @param kind 0 for one that finds nothing, 1 and 2 for near misses, 3 to 9 for one that is taken
     */
    abstract HttpRequest request(int i, int kind);

    private static String list(int count, IntFunction<String> item) {
        return IntStream.range(0, count).mapToObj(item).collect(Collectors.joining(","));
    }

    private static String host(int i) {
        return "service-" + i + ".team-" + i % 40 + ".svc.cluster.local";
    }

    private static String name(int i) {
        return "outbound|8080||" + host(i);
    }

    private static String header(String name, String value) {
        return "{\"name\": \"" + name + "\", \"string_match\": {\"exact\": \"" + value + "\"}}";
    }

    private static String route(String name, String match, int i) {
        return "{\"name\": \"" + name + "\", \"match\": {" + match + "}, \"route\": {\"cluster\": \"" + name(i % 2_000)
                + "\", \"timeout\": \"0s\", \"retry_policy\": {\"retry_on\": \"connect-failure\", \"num_retries\": 2}},"
                + " \"metadata\": {\"filter_metadata\": {\"istio\": {\"config\": \"/apis/networking.istio.io/v1/namespaces/team-"
                + i % 40 + "/virtual-service/service-" + i % 2_000 + "\"}}}}";
    }

    private static String virtualHost(String name, String domains, String routes) {
        return "{\"name\": \"" + name + "\", \"domains\": [" + domains + "], \"routes\": [" + routes
                + "], \"include_request_attempt_count\": true}";
    }

    private static String config(String name, String hosts) {
        return "{\"route_config\": {\"name\": \"" + name
                + "\", \"ignore_port_in_host_matching\": true, \"virtual_hosts\": [" + hosts + "]}}";
    }

    private static String rds(String name) {
        return "\"rds\": {\"route_config_name\": \"" + name + "\"}";
    }

    private static String listenerFilter(String name) {
        return "{\"name\": \"envoy.filters.listener." + name + "\"}";
    }

    private static String listener(String name, int port, String more, String chains) {
        return "{\"name\": \"" + name + "\", \"active_state\": {\"listener\": {\"name\": \"" + name + "\", \"address\":"
                + " {\"socket_address\": {\"address\": \"0.0.0.0\", \"port_value\": " + port
                + "}}, \"bind_to_port\": false"
                + more + ", \"filter_chains\": [" + chains + "]}}}";
    }

    private static String chain(String match, String filters) {
        return "{\"name\": \"chain\", \"filter_chain_match\": {" + match + "}, " + filters + "}";
    }

    private static String http(String routes, String filters) {
        return "\"filters\": [{\"name\": \"envoy.filters.network.http_connection_manager\", \"typed_config\": {"
                + " \"@type\": \"type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3."
                + "HttpConnectionManager\", \"stat_prefix\": \"x\", \"normalize_path\": true, " + routes
                + ", \"upgrade_configs\": [{\"upgrade_type\": \"websocket\"}], \"path_with_escaped_slashes_action\":"
                + " \"KEEP_UNCHANGED\", \"http_filters\": [" + filters + filter("fault", "http.fault.v3.HTTPFault")
                + ","
                + filter("cors", "http.cors.v3.Cors") + "," + filter("router", "http.router.v3.Router") + "]}}]";
    }

    private static String filter(String name, String type) {
        return "{\"name\": \"envoy.filters.http." + name + "\", \"typed_config\": {\"@type\":"
                + " \"type.googleapis.com/envoy.extensions.filters." + type + "\"}}";
    }

    private static String rbac(String action, int from, int to) {
        return "{\"name\": \"envoy.filters.http.rbac\", \"typed_config\": {\"@type\":"
                + " \"type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC\", \"rules\": {\"action\": \""
                + action
                + "\", \"policies\": {" + list(to - from, i -> policy(from + i)) + "}}}}";
    }

    private static String policy(int i) {
        String path = i < 50 ? "/forbidden/" + i : "/allowed/" + i;
        String principal = i < 50
                ? "{\"any\": true}"
                : "{\"filter_state\": {\"key\": \"io.istio.peer_principal\", \"string_match\": {\"exact\":"
                        + " \"spiffe://cluster.local/ns/shop/sa/client-" + i + "\"}}}";
        return "\"ns[shop]-policy[rule-" + i
                + "]-rule[0]\": {\"permissions\": [{\"and_rules\": {\"rules\": [{\"or_rules\":"
                + " {\"rules\": [" + "{\"header\": {\"name\": \":method\", \"string_match\": {\"exact\": \"GET\"}}}]}},"
                + " {\"or_rules\": {\"rules\": [{\"url_path\": {\"path\": {\"prefix\": \"" + path + "/\"}}}]}}]}}],"
                + " \"principals\": [{\"and_ids\": {\"ids\": [{\"or_ids\": {\"ids\": [" + principal + "]}}]}}]}";
    }

    private static String cluster(String name, String type) {
        return "{\"cluster\": {\"name\": \"" + name + "\", \"type\": \"" + type + "\"}}";
    }

    private static String endpoints(int i) {
        return "{\"endpoint_config\": {\"cluster_name\": \"" + name(i)
                + "\", \"endpoints\": [{\"lb_endpoints\": [{\"endpoint\":"
                + " {\"address\": {\"socket_address\": {\"address\": \"10.1." + i / 250 + "." + i % 250
                + "\", \"port_value\": 8080}}}, \"health_status\": \"HEALTHY\"}]}]}}";
    }
}
