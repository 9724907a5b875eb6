package dev.meshdx.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.model.Json;
import dev.meshdx.source.Session;
import dev.meshdx.testing.Shared;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ClusterTest {
    private static Cluster cluster(String json) {
        return new Cluster(new Entry("", Json.parse(json), ResourceState.ACTIVE, Json.MISSING));
    }

    private static ConfigDump input(String name) throws IOException {
        try (InputStream in = Files.newInputStream(
                Shared.folder("conformance/proxy-config/input").resolve(name + ".json"))) {
            return ConfigDump.parse(in);
        }
    }

    private static Cluster named(ConfigDump dump, String name) {
        return dump.clusters().named(name).first().orElseThrow();
    }

    @Test
    void should_give_envoys_defaults_where_a_cluster_says_nothing() {
        Cluster cluster = cluster("{\"name\": \"xds-grpc\"}");

        assertThat(cluster.connectTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(cluster.loadBalancing().policy()).isEqualTo("ROUND_ROBIN");
        assertThat(cluster.loadBalancing().panicThreshold()).isEqualTo(50);
        assertThat(cluster.loadBalancing().isLocalityWeighted()).isFalse();
        assertThat(cluster.loadBalancing().updateMergeWindow()).isEqualTo(Duration.ofSeconds(1));
        assertThat(cluster.circuitBreaker().isConfigured()).isFalse();
        assertThat(cluster.circuitBreaker().maxConnections()).hasValue(1024);
        assertThat(cluster.circuitBreaker().maxPendingRequests()).hasValue(1024);
        assertThat(cluster.circuitBreaker().maxRequests()).hasValue(1024);
        assertThat(cluster.circuitBreaker().maxRetries()).hasValue(3);
        assertThat(cluster.circuitBreaker().maxConnectionPools()).isEmpty();
        assertThat(cluster.outlierDetection()).isEmpty();
        assertThat(cluster.tls().mode()).isEqualTo(UpstreamTlsMode.PLAINTEXT);
        assertThat(cluster.tls().verifiesServer()).isFalse();
        assertThat(cluster.tlsMatches()).isEmpty();
        assertThat(cluster.isAutoMtls()).isFalse();
        assertThat(cluster.http().version()).isEqualTo(UpstreamHttpVersion.HTTP_1);
        assertThat(cluster.http().idleTimeout()).contains(Duration.ofHours(1));
        assertThat(cluster.http().maxConcurrentStreams()).isEmpty();
        assertThat(cluster.http().maxRequestsPerConnection()).isEmpty();
        assertThat(cluster.proxyProtocol()).isEmpty();
        assertThat(cluster.healthChecks()).isEmpty();
        assertThat(cluster.dns()).isEmpty();
        assertThat(cluster.services()).isEmpty();
        assertThat(cluster.isExternal()).isFalse();
        assertThat(cluster.defaultOriginalPort()).isEmpty();
        assertThat(cluster.inlineEndpoints()).isEmpty();
        assertThat(cluster.clientStatus()).isEqualTo(ClientStatus.UNKNOWN);
    }

    @Test
    void should_tell_limits_from_no_limits_for_each_priority() {
        Cluster cluster = cluster("""
                {"name": "a", "circuit_breakers": {"thresholds": [
                  {"max_connections": 4294967295, "max_pending_requests": 20, "max_requests": 4294967295,
                   "max_retries": 4294967295},
                  {"priority": "HIGH", "retry_budget": {"budget_percent": {"value": 25.5}}}]}}""");

        CircuitBreaker ordinary = cluster.circuitBreaker();
        assertThat(ordinary.maxConnections()).isEmpty();
        assertThat(ordinary.maxPendingRequests()).hasValue(20);
        assertThat(ordinary.isUnlimited()).isFalse();
        assertThat(ordinary)
                .hasToString("DEFAULT: connections no limit, pending 20, requests no limit, retries no limit");
        CircuitBreaker high = cluster.circuitBreakers().get(1);
        assertThat(high.priority()).isEqualTo("HIGH");
        assertThat(high.maxConnections()).hasValue(1024);
        assertThat(high.retryBudget()).hasValue(25.5);
        assertThat(high.toString()).contains("retries 25.5 %");
    }

    @Test
    void should_read_outlier_detection_with_what_it_enforces() {
        OutlierDetection defaults =
                cluster("{\"outlier_detection\": {}}").outlierDetection().orElseThrow();
        assertThat(defaults.consecutive5xx()).isEqualTo(5);
        assertThat(defaults.consecutiveGatewayErrors()).isZero();
        assertThat(defaults.consecutiveLocalOriginFailures()).isZero();
        assertThat(defaults.interval()).isEqualTo(Duration.ofSeconds(10));
        assertThat(defaults.baseEjectionTime()).isEqualTo(Duration.ofSeconds(30));
        assertThat(defaults.maxEjectionTime()).isEqualTo(Duration.ofMinutes(5));
        assertThat(defaults.maxEjectionPercent()).isEqualTo(10);
        assertThat(defaults.minHealthPercent()).isEqualTo(50);
        // As an Envoy 1.40 was seen to do, also the two with 50 % and one in any case below.
        assertThat(defaults.maxEjections(3)).isZero();
        assertThat(defaults.maxEjections(9)).isZero();
        assertThat(defaults.maxEjections(25)).isEqualTo(2);
        assertThat(ejections("\"max_ejection_percent\": 50", 4)).isEqualTo(2);
        assertThat(ejections("\"max_ejection_percent\": 50", 3)).isEqualTo(1);
        assertThat(ejections("\"always_eject_one_host\": true", 3)).isEqualTo(1);

        OutlierDetection istio = cluster("""
                        {"outlier_detection": {"consecutive_gateway_failure": 3, "enforcing_consecutive_gateway_failure": 100,
                           "enforcing_consecutive_5xx": 0, "split_external_local_origin_errors": true,
                           "consecutive_local_origin_failure": 7, "interval": "1.5s", "base_ejection_time": "600s",
                           "max_ejection_percent": 400, "enforcing_success_rate": 0, "always_eject_one_host": true},
                         "common_lb_config": {"healthy_panic_threshold": {"value": 30}}}""").outlierDetection().orElseThrow();
        assertThat(istio.consecutive5xx()).isZero();
        assertThat(istio.consecutiveGatewayErrors()).isEqualTo(3);
        assertThat(istio.consecutiveLocalOriginFailures()).isEqualTo(7);
        assertThat(istio.enforcesSuccessRate()).isFalse();
        assertThat(istio.interval()).isEqualTo(Duration.ofMillis(1500));
        assertThat(istio.maxEjectionTime()).isEqualTo(Duration.ofMinutes(10));
        assertThat(istio.maxEjectionPercent()).isEqualTo(100);
        assertThat(istio.minHealthPercent()).isEqualTo(30);
        assertThat(istio)
                .hasToString("5xx not counted, gateway errors 3, local origin 7, every 1.5s, for 10m, at most 100 %");
    }

    private static int ejections(String field, int hosts) {
        return cluster("{\"outlier_detection\": {" + field + "}}")
                .outlierDetection()
                .orElseThrow()
                .maxEjections(hosts);
    }

    @Test
    void should_read_load_balancing_in_old_and_new_form() {
        LoadBalancing ring = cluster("""
                        {"lb_policy": "RING_HASH", "ring_hash_lb_config": {"minimum_ring_size": "2048"},
                         "common_lb_config": {"healthy_panic_threshold": {}, "locality_weighted_lb_config": {}}}""").loadBalancing();
        assertThat(ring.isConsistentHash()).isTrue();
        assertThat(ring.minimumRingSize()).hasValue(2048);
        assertThat(ring.tableSize()).isEmpty();
        assertThat(ring.isLocalityWeighted()).isTrue();
        assertThat(ring.panicThreshold()).isZero();
        assertThat(ring).hasToString("RING_HASH, locality weighted, panic threshold 0 %");

        LoadBalancing extension = cluster("""
                        {"lb_policy": "LOAD_BALANCING_POLICY_CONFIG", "load_balancing_policy": {"policies": [
                          {"typed_extension_config": {"name": "envoy.load_balancing_policies.least_request",
                           "typed_config": {"choice_count": 3, "slow_start_config": {"slow_start_window": "30s"},
                             "locality_lb_config": {"locality_weighted_lb_config": {}}}}}]}}""").loadBalancing();
        assertThat(extension.policy()).isEqualTo("envoy.load_balancing_policies.least_request");
        assertThat(extension.choiceCount()).hasValue(3);
        assertThat(extension.slowStartWindow()).contains(Duration.ofSeconds(30));
        assertThat(extension.isLocalityWeighted()).isTrue();

        LoadBalancing least = cluster("""
                        {"lb_policy": "LEAST_REQUEST",
                         "least_request_lb_config": {"slow_start_config": {"slow_start_window": "60s"}}}""").loadBalancing();
        assertThat(least.choiceCount()).hasValue(2);
        assertThat(least.slowStartWindow()).contains(Duration.ofMinutes(1));
        assertThat(cluster("{\"lb_policy\": \"MAGLEV\"}").loadBalancing().tableSize())
                .hasValue(65537);
    }

    private static final String MUTUAL = """
            {"name": "envoy.transport_sockets.tls", "typed_config": {
              "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
              "sni": "outbound_.80_._.a.b.svc.cluster.local",
              "common_tls_context": {
                "tls_params": {"tls_minimum_protocol_version": "TLSv1_2", "tls_maximum_protocol_version": "TLSv1_3"},
                "alpn_protocols": ["istio-peer-exchange", "istio"],
                "tls_certificate_sds_secret_configs": [{"name": "default"}],
                "combined_validation_context": {
                  "default_validation_context": {"match_typed_subject_alt_names": [
                    {"san_type": "URI", "matcher": {"prefix": "spiffe://cluster.local/"}}]},
                  "validation_context_sds_secret_config": {"name": "ROOTCA"}}}}}""";

    @Test
    void should_choose_how_a_host_is_connected_to_by_its_metadata() {
        Cluster cluster = cluster("""
                {"name": "a", "transport_socket_matches": [
                  {"name": "hbone", "match": {"tunnel": "http"}, "transport_socket": {
                    "name": "envoy.transport_sockets.internal_upstream", "typed_config": {
                      "@type": "type.googleapis.com/envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport",
                      "transport_socket": {"name": "raw_buffer"}}}},
                  {"name": "tlsMode-istio", "match": {"tlsMode": "istio"}, "transport_socket": %s},
                  {"name": "tlsMode-disabled", "match": {}, "transport_socket": {
                    "name": "envoy.transport_sockets.raw_buffer"}}],
                 "load_assignment": {"endpoints": [{"lb_endpoints": [
                   {"metadata": {"filter_metadata": {"envoy.transport_socket_match": {"tlsMode": "istio"}}}},
                   {"metadata": {"filter_metadata": {"envoy.transport_socket_match": {"tunnel": "http"}}}},
                   {}]}]}}""".formatted(MUTUAL));

        assertThat(cluster.isAutoMtls()).isTrue();
        List<Endpoint> endpoints = cluster.inlineEndpoints();
        UpstreamTls mutual = cluster.tlsFor(endpoints.get(0)).orElseThrow();
        assertThat(mutual.name()).isEqualTo("tlsMode-istio");
        assertThat(mutual.match()).isEqualTo(Map.of("tlsMode", "istio"));
        assertThat(mutual.mode()).isEqualTo(UpstreamTlsMode.ISTIO_MUTUAL);
        assertThat(mutual.verifiesServer()).isTrue();
        assertThat(mutual.verifiesName()).isTrue();
        assertThat(mutual.alpnProtocols()).containsExactly("istio-peer-exchange", "istio");
        assertThat(mutual.certificateSecrets()).containsExactly("default");
        assertThat(mutual.validationSecret()).contains("ROOTCA");
        assertThat(mutual.minimumVersion()).isEqualTo("TLSv1_2");
        assertThat(mutual.maximumVersion()).isEqualTo("TLSv1_3");
        assertThat(mutual)
                .hasToString("tlsMode-istio {tlsMode=istio} ISTIO_MUTUAL sni outbound_.80_._.a.b.svc.cluster.local"
                        + " wants URI spiffe://cluster.local/*");
        UpstreamTls tunnel = cluster.tlsFor(endpoints.get(1)).orElseThrow();
        assertThat(tunnel.isTunnel()).isTrue();
        assertThat(tunnel.mode()).isEqualTo(UpstreamTlsMode.PLAINTEXT);
        assertThat(cluster.tlsFor(endpoints.get(2)).orElseThrow().name()).isEqualTo("tlsMode-disabled");
        assertThat(cluster.tlsFor(Endpoint.ofStatus("a", Json.parse("{}")))).isEmpty();
    }

    @Test
    void should_see_tls_inside_of_other_sockets() {
        Cluster cluster = cluster("""
                {"name": "a", "transport_socket": {"name": "x", "typed_config": {
                  "@type": "type.googleapis.com/envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport",
                  "config": {"version": "V2"}, "transport_socket": %s}}}""".formatted(MUTUAL));

        assertThat(cluster.proxyProtocol()).contains("V2");
        assertThat(cluster.tls().mode()).isEqualTo(UpstreamTlsMode.ISTIO_MUTUAL);
        assertThat(cluster.tls().toString()).startsWith("ISTIO_MUTUAL with PROXY protocol V2 sni");
    }

    @Test
    void should_say_when_a_server_is_not_verified() {
        UpstreamTls open = tls("{\"sni\": \"a.example.com\"}");
        assertThat(open.mode()).isEqualTo(UpstreamTlsMode.TLS);
        assertThat(open.verifiesServer()).isFalse();
        assertThat(open).hasToString("TLS sni a.example.com WITHOUT VERIFICATION");
        assertThat(open.maximumVersion()).isEqualTo("TLSv1_2");

        UpstreamTls file = tls("""
                {"common_tls_context": {"validation_context": {"trusted_ca": {"filename": "/etc/ca.pem"},
                   "match_subject_alt_names": [{"exact": "a"}, {"suffix": ".b"}, {"safe_regex": {"regex": "c+"}}]},
                 "tls_certificates": [{"certificate_chain": {"filename": "/etc/cert.pem"}}]}}""");
        assertThat(file.mode()).isEqualTo(UpstreamTlsMode.MUTUAL);
        assertThat(file.verifiesServer()).isTrue();
        assertThat(file.validationFile()).contains("/etc/ca.pem");
        assertThat(file.certificateFiles()).containsExactly("/etc/cert.pem");
        assertThat(file.subjectAltNames()).extracting(SanMatch::toString).containsExactly("a", "*.b", "regex c+");
        assertThat(file.toString()).endsWith("wants a or 2 more");

        UpstreamTls anyName = tls("{\"common_tls_context\": {\"validation_context\": {\"system_root_certs\": {}}}}");
        assertThat(anyName.verifiesServer()).isTrue();
        assertThat(anyName.verifiesName()).isFalse();

        assertThat(tls("""
                {"common_tls_context": {"combined_validation_context": {
                  "default_validation_context": {"trust_chain_verification": "ACCEPT_UNTRUSTED"},
                  "validation_context_sds_secret_config": {"name": "ROOTCA"}}}}""").verifiesServer()).isFalse();
        assertThat(cluster("""
                        {"tls_context": {"common_tls_context": {
                          "tls_certificate_sds_secret_configs": [{"name": "kubernetes://web"}],
                          "validation_context": {"verify_subject_alt_name": ["old"], "trusted_ca": {"filename": "/ca"}}}}}""").tls())
                .satisfies(old -> assertThat(old.mode()).isEqualTo(UpstreamTlsMode.MUTUAL))
                .satisfies(old -> assertThat(old.subjectAltNames()).hasToString("[old]"));
    }

    private static UpstreamTls tls(String context) {
        return cluster("{\"transport_socket\": {\"name\": \"envoy.transport_sockets.tls\", \"typed_config\": " + context
                        + "}}")
                .tls();
    }

    @Test
    void should_read_the_protocol_in_old_and_new_form() {
        assertThat(http("{\"use_downstream_protocol_config\": {\"http2_protocol_options\": {}}}")
                        .version())
                .isEqualTo(UpstreamHttpVersion.DOWNSTREAM);
        assertThat(http("{\"auto_config\": {}}").version()).isEqualTo(UpstreamHttpVersion.ALPN);
        assertThat(http("{\"explicit_http_config\": {\"http_protocol_options\": {}}}")
                        .version())
                .isEqualTo(UpstreamHttpVersion.HTTP_1);
        UpstreamHttp http = http("""
                {"explicit_http_config": {"http2_protocol_options": {"max_concurrent_streams": 100}},
                 "common_http_protocol_options": {"idle_timeout": "300s", "max_requests_per_connection": 1}}""");
        assertThat(http.version()).isEqualTo(UpstreamHttpVersion.HTTP_2);
        assertThat(http).hasToString("HTTP_2, streams 100, requests per connection 1, idle timeout 5m");
        assertThat(http("{\"common_http_protocol_options\": {\"idle_timeout\": \"0s\"}}")
                        .idleTimeout())
                .isEmpty();

        UpstreamHttp old = cluster("""
                        {"http2_protocol_options": {"max_concurrent_streams": 7}, "max_requests_per_connection": 3}""").http();
        assertThat(old.version()).isEqualTo(UpstreamHttpVersion.HTTP_2);
        assertThat(old.maxConcurrentStreams()).isEqualTo(OptionalLong.of(7));
        assertThat(old.maxRequestsPerConnection()).isEqualTo(OptionalLong.of(3));
        assertThat(cluster("{\"protocol_selection\": \"USE_DOWNSTREAM_PROTOCOL\"}")
                        .http()
                        .version())
                .isEqualTo(UpstreamHttpVersion.DOWNSTREAM);
    }

    private static UpstreamHttp http(String options) {
        return cluster("{\"typed_extension_protocol_options\":"
                        + " {\"envoy.extensions.upstreams.http.v3.HttpProtocolOptions\": " + options + "}}")
                .http();
    }

    @Test
    void should_read_dns_and_health_checks() {
        DnsResolution dns = cluster("""
                        {"type": "STRICT_DNS", "dns_lookup_family": "V4_ONLY", "dns_refresh_rate": "60s",
                         "respect_dns_ttl": true}""").dns().orElseThrow();
        assertThat(dns).hasToString("V4_ONLY every 1m or by TTL");
        assertThat(cluster("{\"type\": \"LOGICAL_DNS\"}").dns().orElseThrow()).hasToString("AUTO every 5s");
        assertThat(cluster("""
                        {"cluster_type": {"name": "envoy.clusters.dns", "typed_config": {
                          "@type": "type.googleapis.com/envoy.extensions.clusters.dns.v3.DnsCluster",
                          "dns_lookup_family": "ALL", "dns_refresh_rate": "9s"}},
                         "typed_dns_resolver_config": {"typed_config": {"resolvers": [
                           {"socket_address": {"address": "10.0.0.2"}}]}}}""").dns().orElseThrow()).hasToString("ALL every 9s from 10.0.0.2:53");

        HealthCheck check = cluster("""
                        {"health_checks": [{"timeout": "1s", "interval": "5s", "unhealthy_threshold": 2,
                          "healthy_threshold": 1, "http_health_check": {"path": "/ready"}}]}""").healthChecks().get(0);
        assertThat(check).hasToString("HTTP /ready every 5s, timeout 1s, unhealthy after 2, healthy after 1");
    }

    @Test
    void should_tell_which_version_was_refused_and_when() throws IOException {
        ConfigDump dump = ConfigDump.parse(new ByteArrayInputStream("""
                {"configs": [{"@type": "x.ClustersConfigDump", "dynamic_active_clusters": [
                  {"version_info": "6", "cluster": {"name": "a"}, "client_status": "NACKED",
                   "error_state": {"details": "bad", "version_info": "7", "last_update_attempt": "2026-01-02T03:04:05.5Z"}},
                  {"version_info": "6", "cluster": {"name": "b"}, "client_status": "NOVEL",
                   "error_state": {"last_update_attempt": "yesterday"}}]}]}""".getBytes(StandardCharsets.UTF_8)));

        Cluster refused = named(dump, "a");
        assertThat(refused.clientStatus()).isEqualTo(ClientStatus.NACKED);
        assertThat(refused.version()).contains("6");
        assertThat(refused.rejectedVersion()).contains("7");
        assertThat(refused.rejectedAt()).contains(Instant.parse("2026-01-02T03:04:05.500Z"));
        assertThat(named(dump, "b").clientStatus()).isEqualTo(ClientStatus.UNKNOWN);
        assertThat(named(dump, "b").rejectedAt()).isEmpty();
    }

    @Test
    void should_not_fail_on_odd_values() {
        for (String odd :
                List.of("null", "-1", "1e300", "\"x\"", "[]", "{}", "[[]]", "true", "[{}]", "{\"value\": -3}")) {
            Cluster cluster = cluster("""
                    {"name": ODD, "type": ODD, "connect_timeout": ODD, "lb_policy": ODD, "load_balancing_policy": ODD,
                     "circuit_breakers": {"thresholds": [ODD, {"max_connections": ODD, "retry_budget": ODD}]},
                     "outlier_detection": {"consecutive_5xx": ODD, "interval": ODD, "max_ejection_percent": ODD},
                     "common_lb_config": {"healthy_panic_threshold": ODD}, "transport_socket": ODD,
                     "transport_socket_matches": [ODD, {"match": ODD, "transport_socket": {"typed_config": ODD}}],
                     "typed_extension_protocol_options": ODD, "health_checks": [ODD], "dns_refresh_rate": ODD,
                     "load_assignment": {"endpoints": [ODD, {"priority": ODD, "lb_endpoints": [ODD, {"endpoint": ODD,
                       "metadata": {"filter_metadata": {"istio": {"workload": ODD}}}}]}]},
                     "metadata": {"filter_metadata": {"istio": {"services": ODD, "default_original_port": ODD}}}}""".replace("ODD", odd));
            assertThat(List.of(
                            cluster.toString(),
                            cluster.connectTimeout(),
                            cluster.loadBalancing().toString(),
                            cluster.circuitBreakers().toString(),
                            cluster.outlierDetection().toString(),
                            cluster.tls().toString(),
                            cluster.tlsMatches().toString(),
                            cluster.http().toString(),
                            cluster.healthChecks().toString(),
                            cluster.dns().toString(),
                            cluster.services().toString(),
                            cluster.defaultOriginalPort(),
                            cluster.proxyProtocol(),
                            EndpointAvailability.of(cluster, List.of()).toString()))
                    .as(odd)
                    .doesNotContainNull();
        }
    }

    @Test
    void should_read_the_clusters_of_a_sidecar() throws IOException {
        ConfigDump dump = input("shop-orders");
        Cluster orders = named(dump, "outbound|8080||orders.shop.svc.cluster.local");
        assertThat(orders.connectTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(orders.loadBalancing()).hasToString("LEAST_REQUEST, panic threshold 0 %");
        assertThat(orders.circuitBreaker().maxPendingRequests()).hasValue(20);
        assertThat(orders.outlierDetection().orElseThrow().consecutive5xx()).isEqualTo(3);
        assertThat(orders.services()).hasToString("[orders.shop.svc.cluster.local]");
        assertThat(orders.services().get(0).namespace()).isEqualTo("shop");
        assertThat(orders.isAutoMtls()).isTrue();
        assertThat(orders.tlsMatches().get(0).subjectAltNames())
                .hasToString("[spiffe://cluster.local/ns/shop/sa/orders]");
        assertThat(orders.secrets()).containsExactly("default", "ROOTCA");
        assertThat(named(dump, "outbound|8080|v1|orders.shop.svc.cluster.local").metadataSubset())
                .isEqualTo("v1");

        Cluster ledger = named(dump, "outbound|80||ledger.backoffice.svc.cluster.local");
        assertThat(ledger.isAutoMtls()).isFalse();
        assertThat(ledger.tls().mode()).isEqualTo(UpstreamTlsMode.ISTIO_MUTUAL);
        assertThat(named(dump, "outbound|9090||cart.shop.svc.cluster.local")
                        .http()
                        .version())
                .isEqualTo(UpstreamHttpVersion.HTTP_2);

        Cluster pay = named(dump, "outbound|443||api.pay.example.com");
        assertThat(pay.isExternal()).isTrue();
        assertThat(pay.dns().orElseThrow()).hasToString("V4_ONLY every 1m or by TTL");
        assertThat(pay.inlineEndpoints()).singleElement().satisfies(endpoint -> {
            assertThat(endpoint.target()).isEqualTo("api.pay.example.com:443");
            assertThat(endpoint.workload().orElseThrow().name()).isEqualTo("pay-api");
            assertThat(endpoint.localityWeight()).hasValue(1);
        });
        Cluster through = named(dump, "PassthroughCluster");
        assertThat(through.http()).hasToString("DOWNSTREAM, idle timeout 5m");
        assertThat(through.loadBalancing().policy()).isEqualTo("CLUSTER_PROVIDED");
        assertThat(through.loadBalancing().panicThreshold()).isEqualTo(50);
    }

    @Test
    void should_read_the_same_from_a_document_in_camel_case() throws IOException {
        ConfigDump dump = ConfigDump.parse(new ByteArrayInputStream(("""
                {"configs": [{"@type": "x.ClustersConfigDump", "dynamicActiveClusters": [{"cluster": {"name": "a",
                  "transportSocketMatches": [{"name": "tlsMode-istio", "match": {"tlsMode": "istio"},
                    "transportSocket": {"name": "envoy.transport_sockets.tls", "typedConfig": {"commonTlsContext": {
                      "tlsCertificateSdsSecretConfigs": [{"name": "default"}]}}}},
                   {"name": "tlsMode-disabled", "match": {}, "transportSocket": {"name": "raw"}}],
                  "loadAssignment": {"endpoints": [{"lbEndpoints": [
                    {"metadata": {"filterMetadata": {"envoy.transport_socket_match": {"tlsMode": "istio"}}}}]}]}}}]}]}""").getBytes(StandardCharsets.UTF_8)));

        Cluster cluster = named(dump, "a");
        assertThat(cluster.isAutoMtls()).isTrue();
        assertThat(cluster.tlsFor(cluster.inlineEndpoints().get(0))
                        .orElseThrow()
                        .mode())
                .isEqualTo(UpstreamTlsMode.ISTIO_MUTUAL);
    }

    @Test
    void should_read_the_clusters_of_a_gateway_and_of_a_waypoint() throws IOException {
        Cluster news = named(input("ingress-wide"), "outbound|8000||news.apps.svc.cluster.local");
        assertThat(news.isAutoMtls()).isTrue();
        assertThat(news.outlierDetection()).isEmpty();
        assertThat(news.circuitBreaker().isUnlimited()).isTrue();

        ConfigDump waypoint = input("waypoint");
        Cluster httpbin = named(waypoint, "inbound-vip|8000|http|httpbin.default.svc.cluster.local");
        assertThat(httpbin.tls().isTunnel()).isTrue();
        assertThat(httpbin.tls()).hasToString("PLAINTEXT in a tunnel");
        assertThat(httpbin.loadBalancing().panicThreshold()).isEqualTo(50);
        Session session = Shared.recording("ambient/ambient-healthy");
        Cluster originate = new EnvoyProxy(() -> session, "shop", "waypoint-gv97rmd9wt-px5mn")
                .clusters()
                .named("connect_originate")
                .first()
                .orElseThrow();
        assertThat(originate.tls().mode()).isEqualTo(UpstreamTlsMode.ISTIO_MUTUAL);
        assertThat(originate.tls().minimumVersion()).isEqualTo("TLSv1_3");
        assertThat(originate.tls().subjectAltNames()).isNotEmpty();
        assertThat(originate.http().version()).isEqualTo(UpstreamHttpVersion.HTTP_2);
        assertThat(named(waypoint, "agent").inlineEndpoints())
                .extracting(Endpoint::target)
                .containsExactly("127.0.0.1:15020");

        Cluster edge = named(input("edge"), "outbound|80||v1.api.example.com");
        assertThat(edge.connectTimeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(edge.dns()).isPresent();
    }

    @Test
    void should_read_the_clusters_of_a_real_proxy() {
        Session session = Shared.recording("sidecar/circuit-breaker");
        EnvoyProxy proxy = new EnvoyProxy(() -> session, "production", "ratings-v1-kmf4m9t5f2-fpb99");
        Clusters clusters = proxy.clusters();

        Cluster ratings = clusters.named("outbound|9080||ratings.production.svc.cluster.local")
                .first()
                .orElseThrow();
        assertThat(ratings.circuitBreaker())
                .hasToString("DEFAULT: connections 1, pending 1, requests 1000, retries no limit");
        assertThat(ratings.http()).hasToString("HTTP_1, requests per connection 1, idle timeout 1h");
        assertThat(ratings.configuredBy().orElseThrow().name()).isEqualTo("ratings");
        Cluster agent = clusters.named("xds-grpc").first().orElseThrow();
        assertThat(agent.circuitBreaker().maxConnections()).hasValue(100_000);
        assertThat(agent.circuitBreaker().maxRetries()).hasValue(3);
        assertThat(agent.http().version()).isEqualTo(UpstreamHttpVersion.HTTP_2);
        assertThat(agent.inlineEndpoints()).extracting(Endpoint::target).containsExactly("./etc/istio/proxy/XDS");
        assertThat(clusters.filter(Cluster::isAutoMtls).size()).isGreaterThan(5);
        for (Endpoint endpoint :
                proxy.configDump().endpoints().cluster("outbound|9080||ratings.production.svc.cluster.local")) {
            assertThat(ratings.tlsFor(endpoint).orElseThrow().mode()).isEqualTo(UpstreamTlsMode.ISTIO_MUTUAL);
            assertThat(endpoint.workload().orElseThrow().namespace()).isEqualTo("production");
        }
    }
}
