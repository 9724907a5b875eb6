package dev.meshdx.testkit.internal.istiod;

import static dev.meshdx.testkit.internal.mesh.Doc.list;
import static dev.meshdx.testkit.internal.mesh.Doc.map;

import dev.meshdx.model.Json;
import dev.meshdx.testkit.internal.ClusterState;
import dev.meshdx.testkit.internal.ConfigDumpPage;
import dev.meshdx.testkit.internal.LoggingPage;
import dev.meshdx.testkit.internal.Page;
import dev.meshdx.testkit.internal.mesh.Authority.Issued;
import dev.meshdx.testkit.internal.mesh.Doc;
import dev.meshdx.testkit.internal.mesh.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** What a proxy's ports answer: Envoy's admin interface (15000), the agent (15020), readiness (15021), metrics (15090). */
final class AdminPages {
    private static final List<String> LOGGERS = List.of(
            "admin",
            "assert",
            "backtrace",
            "client",
            "config",
            "connection",
            "conn_handler",
            "dns",
            "ext_authz",
            "filter",
            "grpc",
            "hc",
            "health_checker",
            "http",
            "http2",
            "init",
            "io",
            "jwt",
            "lua",
            "main",
            "matcher",
            "misc",
            "pool",
            "quic",
            "rbac",
            "rds",
            "redis",
            "router",
            "runtime",
            "secret",
            "stats",
            "tracing",
            "upstream",
            "udp",
            "wasm",
            "websocket");

    private static final List<Number> QUANTILES = List.of(0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 100);

    private final Proxy proxy;
    private final Counters counters;

    AdminPages(Proxy proxy, Counters counters) {
        this.proxy = proxy;
        this.counters = counters;
    }

    void serve(ClusterState state) {
        if (!proxy.hints().adminClosed) {
            Supplier<ByteString> recorded = proxy.hints().configDump;
            if (recorded == null) {
                page(state, 15000, "/config_dump", new ConfigDump(proxy).page());
            } else {
                state.page(
                        proxy.workload().namespace(),
                        proxy.workload().name(),
                        15000,
                        "/config_dump",
                        () -> ConfigDumpPage.recorded(recorded.get()));
            }
            page(state, 15000, "/clusters", byFormat(Page.text(this::clustersText), Page.json(this::clustersJson)));
            page(state, 15000, "/certs", Page.json(this::certs));
            page(state, 15000, "/server_info", Page.json(this::serverInfo));
            page(state, 15000, "/listeners", byFormat(Page.text(this::listenersText), Page.json(this::listenersJson)));
            page(state, 15000, "/stats", Page.text(() -> statsText(".*", false)).withQuery(this::statsBy));
            page(state, 15000, "/stats/prometheus", Page.text(this::prometheus));
            page(state, 15000, "/ready", Page.text("LIVE\n"));
            page(state, 15000, "/logging", new LoggingPage(logging()).page());
            page(state, 15000, "/memory", Page.json(this::memory));
            page(state, 15000, "/init_dump", Page.json("{}"));
            page(state, 15000, "/runtime", Page.json("{\"entries\":{},\"layers\":[\"global config\",\"admin\"]}"));
        }
        page(state, 15020, "/healthz/ready", Page.text(""));
        page(state, 15020, "/stats/prometheus", Page.text(this::prometheus));
        page(state, 15021, "/healthz/ready", Page.text(""));
        page(state, 15090, "/stats/prometheus", Page.text(this::prometheus));
    }

    private void page(ClusterState state, int port, String path, Page page) {
        state.page(proxy.workload().namespace(), proxy.workload().name(), port, path, page);
    }

    private static Page byFormat(Page text, Page json) {
        return text.withQuery(
                query -> "json".equals(ConfigDumpPage.parameters(query).get("format")) ? json : text);
    }

    // Clusters

    private String clustersJson() {
        List<Object> statuses = new ArrayList<>();
        for (Object fixed : Bootstrap.staticClusters()) {
            Json cluster = Json.of(fixed);
            Json address = cluster.at("load_assignment", "endpoints")
                    .at(0)
                    .at("lb_endpoints")
                    .at(0)
                    .at("endpoint", "address");
            statuses.add(map(
                    "name",
                    cluster.at("name").text(""),
                    "host_statuses",
                    list(host(cluster.at("name").text(""), address, map(), "")),
                    "circuit_breakers",
                    map("thresholds", breakers(Json.MISSING)),
                    "observability_name",
                    cluster.at("name").text("") + ";"));
        }
        Map<String, Map<String, Object>> assignments = proxy.assignments();
        for (Map<String, Object> cluster : proxy.clusters()) {
            String name = String.valueOf(cluster.get("name"));
            if (proxy.warming(name)) {
                continue; // it is not in use yet
            }
            List<Object> hosts = new ArrayList<>();
            Map<String, Object> assignment = assignments.get(name);
            if (assignment != null) {
                for (Json group : Json.of(assignment).at("endpoints").items()) {
                    for (Json endpoint : group.at("lb_endpoints").items()) {
                        hosts.add(host(name, endpoint.at("endpoint", "address"), Doc.plain(group.at("locality")), ""));
                    }
                }
            } else if (name.startsWith("inbound|")) {
                int port = Integer.parseInt(name.substring(8, name.indexOf('|', 8)));
                String ip = proxy.workload().ip();
                hosts.add(host(name, Json.of(Xds.address(ip, port)), map(), name + ip + ":" + port));
            }
            statuses.add(map(
                    "name",
                    name,
                    "added_via_api",
                    true,
                    "host_statuses",
                    Doc.unlessEmpty(hosts),
                    "circuit_breakers",
                    map(
                            "thresholds",
                            breakers(Json.of(cluster)
                                    .at("circuit_breakers", "thresholds")
                                    .at(0))),
                    "observability_name",
                    name + ";",
                    "eds_service_name",
                    name.startsWith("outbound|") ? name : null));
        }
        return Doc.json(map("cluster_statuses", statuses));
    }

    private static List<Object> breakers(Json set) {
        return list(
                map(
                        "max_connections",
                        set.at("max_connections").number(1024),
                        "max_pending_requests",
                        set.at("max_pending_requests").number(1024),
                        "max_requests",
                        set.at("max_requests").number(1024),
                        "max_retries",
                        set.at("max_retries").number(3)),
                map(
                        "priority",
                        "HIGH",
                        "max_connections",
                        1024,
                        "max_pending_requests",
                        1024,
                        "max_requests",
                        1024,
                        "max_retries",
                        3));
    }

    private Map<String, Object> host(String cluster, Json address, Object locality, String hostname) {
        Json socket = address.at("socket_address");
        Counters.Endpoint counted = counters.read(
                cluster,
                socket.at("address").text("") + ":" + socket.at("port_value").text(""));
        return map(
                "address",
                address,
                "stats",
                list(
                        counter("cx_connect_fail", counted.connectFailures),
                        counter("cx_total", counted.connects),
                        counter("rq_error", counted.errors),
                        counter("rq_success", counted.successes),
                        counter("rq_timeout", 0),
                        counter("rq_total", counted.requests),
                        map("type", "GAUGE", "name", "cx_active"),
                        map("type", "GAUGE", "name", "rq_active")),
                "health_status",
                map("failed_outlier_check", proxy.ejected(address) ? true : null, "eds_health_status", "HEALTHY"),
                "weight",
                1,
                "hostname",
                Doc.unlessEmpty(hostname),
                "locality",
                locality);
    }

    private static Map<String, Object> counter(String name, int value) {
        return value == 0 ? map("name", name) : map("value", String.valueOf(value), "name", name);
    }

    private String clustersText() {
        StringBuilder text = new StringBuilder();
        for (Json cluster : Json.parse(clustersJson()).at("cluster_statuses").items()) {
            String name = cluster.at("name").text("");
            text.append(name).append("::observability_name::").append(name).append(";\n");
            text.append(name)
                    .append("::added_via_api::")
                    .append(cluster.at("added_via_api").bool(false))
                    .append('\n');
            for (Json host : cluster.at("host_statuses").items()) {
                Json socket = host.at("address", "socket_address");
                String address = socket.exists()
                        ? socket.at("address").text("") + ":"
                                + socket.at("port_value").text("")
                        : host.at("address", "pipe", "path").text("");
                String prefix = name + "::" + address + "::";
                for (Json stat : host.at("stats").items()) {
                    text.append(prefix)
                            .append(stat.at("name").text(""))
                            .append("::")
                            .append(stat.at("value").text("0"))
                            .append('\n');
                }
                text.append(prefix)
                        .append("health_flags::")
                        .append(
                                host.at("health_status", "failed_outlier_check").bool(false)
                                        ? "/failed_outlier_check"
                                        : "healthy")
                        .append('\n');
                text.append(prefix).append("weight::1\n");
            }
        }
        return text.toString();
    }

    // Listeners

    private String listenersJson() {
        List<Object> statuses = new ArrayList<>();
        Bootstrap.staticListeners().forEach(listener -> statuses.add(status(Json.of(listener))));
        for (Map<String, Object> listener : proxy.listeners()) {
            if (!proxy.warming(String.valueOf(listener.get("name")))) {
                statuses.add(status(Json.of(listener)));
            }
        }
        return Doc.json(map("listener_statuses", statuses));
    }

    private static Object status(Json listener) {
        return map("name", listener.at("name"), "local_address", listener.at("address"));
    }

    private String listenersText() {
        StringBuilder text = new StringBuilder();
        for (Json listener : Json.parse(listenersJson()).at("listener_statuses").items()) {
            Json socket = listener.at("local_address", "socket_address");
            text.append(listener.at("name").text(""))
                    .append("::")
                    .append(socket.at("address").text(""))
                    .append(':')
                    .append(socket.at("port_value").text(""))
                    .append('\n');
        }
        return text.toString();
    }

    // The rest

    private String certs() {
        Issued own = proxy.certificate();
        Issued root = proxy.authority().root();
        Object entry = map("ca_cert", list(details(root)), "cert_chain", list(details(own)));
        // Envoy lists the certificate once for each TLS context that uses it.
        return Doc.json(map("certificates", list(entry, entry, entry)));
    }

    private Map<String, Object> details(Issued certificate) {
        Instant now = proxy.cluster().times().now();
        long days = Math.max(0, Duration.between(now, certificate.to()).toDays());
        return map(
                "path",
                "<inline>",
                "serial_number",
                certificate.serial(),
                "subject_alt_names",
                certificate.identity().isEmpty() ? List.of() : list(map("uri", certificate.identity())),
                "days_until_expiration",
                String.valueOf(days),
                "valid_from",
                Times.seconds(certificate.from()),
                "expiration_time",
                Times.seconds(certificate.to()));
    }

    private long uptime() {
        Times times = proxy.cluster().times();
        Instant since = proxy.hints().proxyRestarts > 0 ? times.cutOff() : times.started();
        return Duration.between(since, times.now()).toSeconds();
    }

    private String serverInfo() {
        return Doc.json(map(
                "version",
                Bootstrap.sha(proxy) + "/1." + proxy.envoyMinor() + ".0/Clean/RELEASE/BoringSSL",
                "state",
                "LIVE",
                "uptime_current_epoch",
                uptime() + "s",
                "uptime_all_epochs",
                uptime() + "s",
                "hot_restart_version",
                "disabled",
                "command_line_options",
                map(
                        "base_id",
                        "0",
                        "concurrency",
                        2,
                        "config_path",
                        "etc/istio/proxy/envoy-rev.json",
                        "log_level",
                        "warning",
                        "component_log_level",
                        "misc:error",
                        "drain_time",
                        "45s",
                        "drain_strategy",
                        "Immediate",
                        "mode",
                        "Serve",
                        "disable_hot_restart",
                        true),
                "node",
                Bootstrap.node(proxy)));
    }

    private String memory() {
        return Doc.json(map(
                "allocated",
                "9927016",
                "heap_size",
                "16777216",
                "pageheap_unmapped",
                "0",
                "pageheap_free",
                "4382720",
                "total_thread_cache",
                "1381216",
                "total_physical_bytes",
                "19852094"));
    }

    private static String logging() {
        StringBuilder text = new StringBuilder("active loggers:\n");
        LOGGERS.forEach(
                logger -> text.append("  ").append(logger).append(logger.equals("misc") ? ": error\n" : ": warning\n"));
        return text.append('\n').toString();
    }

    /** The few statistics that Istio's default stats matcher lets through. Source: Istio, "Envoy Statistics". */
    private Map<String, Long> statistics() {
        long lost = proxy.istiod().down != null || proxy.stale() ? 3 : 0;
        long rejected = proxy.refused(Xds.LDS).isEmpty() ? 0 : 1;
        long rejectedClusters = proxy.refused(Xds.CDS).isEmpty() ? 0 : 1;
        long warming = proxy.clusters().stream()
                .filter(cluster -> proxy.warming(String.valueOf(cluster.get("name"))))
                .count();
        long warmingListeners = proxy.listeners().stream()
                .filter(listener -> proxy.warming(String.valueOf(listener.get("name"))))
                .count();
        Map<String, Long> stats = new TreeMap<>();
        stats.put("cluster.xds-grpc;.upstream_cx_active", lost > 0 ? 0L : 1L);
        stats.put("cluster.xds-grpc;.upstream_cx_connect_fail", 0L);
        stats.put("cluster.xds-grpc;.upstream_rq_active", lost > 0 ? 0L : 1L);
        stats.put("cluster_manager.active_clusters", (long) proxy.clusters().size() + 4 - warming);
        stats.put("cluster_manager.cds.update_attempt", 1 + lost + rejectedClusters);
        stats.put("cluster_manager.cds.update_failure", lost);
        stats.put("cluster_manager.cds.update_rejected", rejectedClusters);
        stats.put("cluster_manager.cds.update_success", 1L);
        stats.put("cluster_manager.warming_clusters", warming);
        stats.put("listener_manager.lds.update_attempt", 1 + lost + rejected);
        stats.put("listener_manager.lds.update_failure", lost);
        stats.put("listener_manager.lds.update_rejected", rejected);
        stats.put("listener_manager.lds.update_success", 1L);
        stats.put(
                "listener_manager.total_listeners_active",
                (long) proxy.listeners().size() + 2 - warmingListeners);
        stats.put("listener_manager.total_listeners_warming", warmingListeners);
        stats.put("listener_manager.workers_started", 1L);
        stats.put("server.concurrency", 2L);
        stats.put("server.days_until_first_cert_expiring", 0L);
        stats.put("server.live", 1L);
        stats.put("server.memory_allocated", 9739392L);
        stats.put("server.memory_heap_size", 14680064L);
        stats.put("server.memory_physical_size", 17754942L);
        stats.put("server.state", 0L);
        stats.put("server.total_connections", 4L);
        stats.put("server.uptime", uptime());
        return stats;
    }

    private Map<String, String> texts() {
        Map<String, String> texts = new TreeMap<>();
        texts.put("cluster_manager.cds.version_text", proxy.ackedVersion(Xds.CDS));
        texts.put("listener_manager.lds.version_text", proxy.ackedVersion(Xds.LDS));
        return texts;
    }

    /** Durations in milliseconds; null where nothing was recorded. */
    private static Map<String, @Nullable Double> histograms() {
        Map<String, @Nullable Double> histograms = new TreeMap<>();
        histograms.put("cluster.xds-grpc;.upstream_cx_connect_ms", 1.05);
        histograms.put("cluster.xds-grpc;.upstream_cx_length_ms", null);
        histograms.put("cluster_manager.cds.update_duration", 6.05);
        histograms.put("listener_manager.lds.update_duration", 17.5);
        histograms.put("server.initialization_time_ms", 155.0);
        return histograms;
    }

    /** Texts first, then counters and gauges, then histograms, as Envoy prints them. */
    private String statsText(String filter, boolean usedOnly) {
        Pattern pattern = Pattern.compile(filter);
        StringBuilder text = new StringBuilder();
        texts().forEach((name, value) -> {
            if (pattern.matcher(name).find()) {
                text.append(name).append(": \"").append(value).append("\"\n");
            }
        });
        statistics().forEach((name, value) -> {
            if (pattern.matcher(name).find() && !(usedOnly && value == 0)) {
                text.append(name).append(": ").append(value).append('\n');
            }
        });
        histograms().forEach((name, value) -> {
            if (pattern.matcher(name).find() && !(usedOnly && value == null)) {
                text.append(name).append(": ");
                if (value == null) {
                    text.append("No recorded values");
                } else {
                    QUANTILES.forEach(quantile -> text.append(text.charAt(text.length() - 2) == ':' ? "P" : " P")
                            .append(quantile)
                            .append("(nan,")
                            .append(value)
                            .append(')'));
                }
                text.append('\n');
            }
        });
        return text.toString();
    }

    private String statsJson(String filter, boolean usedOnly) {
        Pattern pattern = Pattern.compile(filter);
        List<Object> stats = new ArrayList<>();
        texts().forEach((name, value) -> {
            if (pattern.matcher(name).find()) {
                stats.add(map("name", name, "value", value));
            }
        });
        statistics().forEach((name, value) -> {
            if (pattern.matcher(name).find() && !(usedOnly && value == 0)) {
                stats.add(map("name", name, "value", value));
            }
        });
        List<Object> computed = new ArrayList<>();
        histograms().forEach((name, value) -> {
            if (pattern.matcher(name).find() && !(usedOnly && value == null)) {
                Object one = map("cumulative", value == null ? Json.NULL : value, "interval", Json.NULL);
                computed.add(map(
                        "name",
                        name,
                        "values",
                        QUANTILES.stream().map(quantile -> one).toList()));
            }
        });
        if (!computed.isEmpty()) {
            stats.add(map("histograms", map("supported_quantiles", QUANTILES, "computed_quantiles", computed)));
        }
        return Doc.json(map("stats", stats));
    }

    private Page statsBy(String query) {
        Map<String, String> parameters = ConfigDumpPage.parameters(query);
        String filter = parameters.getOrDefault("filter", ".*");
        boolean usedOnly = parameters.containsKey("usedonly");
        try {
            Pattern.compile(filter);
        } catch (PatternSyntaxException e) {
            return Page.error(400, "Invalid re2 regex: " + e.getDescription() + "\n");
        }
        return switch (parameters.getOrDefault("format", "text")) {
            case "json" -> Page.json(statsJson(filter, usedOnly));
            case "prometheus" -> Page.text(this::prometheus);
            case "text" -> Page.text(statsText(filter, usedOnly));
            default -> Page.error(400, "usage: /stats?format=(html|active-html|json|prometheus|text)\n");
        };
    }

    private String prometheus() {
        StringBuilder text = new StringBuilder();
        statistics().forEach((name, value) -> {
            String metric;
            String labels;
            if (name.startsWith("cluster.xds-grpc;.")) {
                metric = "envoy_cluster_" + name.substring("cluster.xds-grpc;.".length());
                labels = "{cluster_name=\"xds-grpc\"}";
            } else {
                metric = "envoy_" + name.replace('.', '_');
                labels = "{}";
            }
            text.append("# TYPE ").append(metric).append(" gauge\n");
            text.append(metric).append(labels).append(' ').append(value).append('\n');
        });
        return text.toString();
    }
}
