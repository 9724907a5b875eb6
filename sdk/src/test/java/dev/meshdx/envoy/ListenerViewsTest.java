package dev.meshdx.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.model.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Listeners, filter chains and filters as typed views; {@code views.json} is what an Envoy 1.40 answered. */
class ListenerViewsTest {
    private static final Listener LAB = Views.listener("lab");
    private static final FilterChain MUTUAL = chain("mutual");
    private static final HttpConnectionManager HTTP =
            MUTUAL.httpConnectionManager().orElseThrow();

    private static FilterChain chain(String name) {
        return LAB.filterChains().stream()
                .filter(chain -> chain.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static HttpFilter http(String kind) {
        return HTTP.httpFilters().stream()
                .filter(filter -> filter.kind().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void should_see_tls_inside_a_socket_that_counts() throws IOException {
        String dump = """
                {"configs": [{"dynamic_listeners": [{"name": "l", "active_state": {"listener": {"name": "l",
                  "filter_chains": [{"transport_socket": {"name": "tcp_stats", "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tcp_stats.v3.Config",
                    "transport_socket": {"name": "tls", "typed_config": {
                      "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
                      "common_tls_context": {"tls_certificate_sds_secret_configs": [{"name": "default"}],
                        "combined_validation_context": {"validation_context_sds_secret_config": {"name": "ROOTCA"}}},
                      "require_client_certificate": true}}}}}]}}}]}]}""";
        Listener listener = ConfigDump.parse(new ByteArrayInputStream(dump.getBytes(StandardCharsets.UTF_8)))
                .listeners()
                .first()
                .orElseThrow();

        assertThat(listener.filterChains().get(0).tlsMode()).isEqualTo(DownstreamTls.Mode.MUTUAL);
        assertThat(listener.secrets()).containsExactly("default", "ROOTCA");
    }

    @Test
    void should_read_the_filters_of_envoys_that_spoke_v2() throws IOException {
        String dump = """
                {"configs": [{"@type": "type.googleapis.com/envoy.admin.v2alpha.ListenersConfigDump",
                  "dynamic_active_listeners": [{"version_info": "1", "listener": {
                    "@type": "type.googleapis.com/envoy.api.v2.Listener", "name": "old",
                    "address": {"socket_address": {"address": "0.0.0.0", "port_value": 80}},
                    "filter_chains": [
                      {"filters": [{"name": "mixer"}, {"name": "envoy.http_connection_manager", "config": {
                        "rds": {"route_config_name": "80"}}}]},
                      {"filters": [{"name": "envoy.tcp_proxy", "typed_config": {
                        "@type": "type.googleapis.com/envoy.config.filter.network.tcp_proxy.v2.TcpProxy",
                        "cluster": "outbound|80||web.default.svc.cluster.local"}}]}]}}]}]}""";
        Listeners listeners = ConfigDump.parse(new ByteArrayInputStream(dump.getBytes(StandardCharsets.UTF_8)))
                .listeners();

        Listener listener = listeners.first().orElseThrow();
        assertThat(listener.type()).isEqualTo("HTTP+TCP");
        assertThat(listener.filterChains().get(0).routeConfigName()).contains("80");
        assertThat(listener.filterChains().get(1).tcpProxy().orElseThrow().clusters())
                .containsExactly("outbound|80||web.default.svc.cluster.local");
        assertThat(listeners.rows().stream().map(row -> row.get("destination")))
                .containsExactly("Route: 80", "Cluster: outbound|80||web.default.svc.cluster.local");
    }

    @Test
    void should_show_the_settings_of_a_listener() {
        assertThat(LAB.connectionBalance()).contains("exact");
        assertThat(LAB.perConnectionBufferLimitBytes()).isEqualTo(32_768);
        assertThat(LAB.continuesOnListenerFiltersTimeout()).isTrue();
        assertThat(LAB.listenerFiltersTimeout()).isEqualTo(Duration.ofMillis(100));
        assertThat(LAB.drainType()).isEqualTo("MODIFY_ONLY");
        assertThat(LAB.isInternal()).isFalse();
        assertThat(LAB.accessLoggers())
                .extracting(AccessLogger::toString)
                .containsExactly("stream /dev/stdout, only flags NR");
        assertThat(Views.listener("tree").isInternal()).isTrue();
        assertThat(Views.listener("tree").toString()).startsWith("tree internal TCP 6 filter chains");
    }

    @Test
    void should_fall_back_on_the_defaults_of_envoy() {
        Listener bare = Views.listener(Json.object());

        assertThat(bare.listenerFiltersTimeout()).isEqualTo(Duration.ofSeconds(15));
        assertThat(bare.continuesOnListenerFiltersTimeout()).isFalse();
        assertThat(bare.connectionBalance()).isEmpty();
        assertThat(bare.perConnectionBufferLimitBytes()).isEqualTo(1_048_576);
        assertThat(bare.drainType()).isEqualTo("DEFAULT");
        assertThat(bare.matcherBranches()).isEmpty();
        HttpConnectionManager http = new HttpConnectionManager(Json.object());
        assertThat(http.codec()).isEqualTo("AUTO");
        assertThat(http.streamIdleTimeout()).isEqualTo(Duration.ofMinutes(5));
        assertThat(http.requestTimeout()).isZero();
        assertThat(http.idleTimeout()).isEqualTo(Duration.ofHours(1));
        assertThat(http.maxRequestHeadersKb()).isEqualTo(60);
        assertThat(http.forwardClientCertDetails()).isEqualTo("SANITIZE");
        assertThat(http.escapedSlashesAction()).isEqualTo("KEEP_UNCHANGED");
        assertThat(http.serverName()).isEqualTo("envoy");
        assertThat(http.serverHeaderTransformation()).isEqualTo("OVERWRITE");
        assertThat(http.tracingSampling()).isEmpty();
        DownstreamTls tls = new DownstreamTls(Json.object());
        assertThat(tls.minimumVersion()).isEqualTo("TLSv1_2");
        assertThat(tls.maximumVersion()).isEqualTo("TLSv1_3");
        assertThat(tls.mode()).isEqualTo(DownstreamTls.Mode.SIMPLE);
        assertThat(tls.validatesClients()).isFalse();
        assertThat(new TcpProxy(Json.object()).idleTimeout()).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void should_list_listener_filters_in_order() {
        assertThat(LAB.listenerFilters())
                .extracting(ListenerFilter::kind)
                .containsExactly("proxy_protocol", "original_dst", "original_src", "set_filter_state", "tls_inspector");
        assertThat(LAB.listenerFilters())
                .extracting(ListenerFilter::summary)
                .containsExactly(
                        "reads the PROXY header where there is one",
                        "restores the original destination",
                        "keeps the client's address, mark 1337",
                        "sets envoy.string",
                        "reads server name and ALPN");
        ListenerFilter inspector = LAB.listenerFilters().get(4);
        assertThat(inspector.isDisabledFor(3306)).isTrue();
        assertThat(inspector.isDisabledFor(3307)).isFalse();
        assertThat(inspector.isDisabledFor(20_000)).isTrue();
        assertThat(inspector.toString()).contains("but not on port 3306, some ports");
        assertThat(ListenerFilter.all(Json.parse("[{\"name\": \"envoy.listener.tls_inspector\"}]"))
                        .get(0)
                        .summary())
                .as("v2 names")
                .isEqualTo("reads server name and ALPN");
    }

    @Test
    void should_type_what_a_chain_matches() {
        FilterChainMatch match = MUTUAL.match();

        assertThat(match.destinationPort()).isEqualTo(8443);
        assertThat(match.prefixRanges()).containsExactly("10.0.0.0/8");
        assertThat(match.serverNames()).containsExactly("a.example.com");
        assertThat(match.transportProtocol()).isEqualTo("tls");
        assertThat(match.applicationProtocols()).containsExactly("h2");
        assertThat(match.directSourcePrefixRanges()).containsExactly("10.1.0.0/16");
        assertThat(match.sourceType()).isEqualTo("EXTERNAL");
        assertThat(match.sourcePrefixRanges()).containsExactly("192.0.2.0/24");
        assertThat(match.sourcePorts()).containsExactly(1000, 1001);
        assertThat(match.toString())
                .isEqualTo("port 8443, to 10.0.0.0/8, SNI a.example.com, tls, ALPN h2, direct peer 10.1.0.0/16,"
                        + " source EXTERNAL, from 192.0.2.0/24, from port 1000 or 1001");
        FilterChainMatch none = LAB.defaultFilterChain().orElseThrow().match();
        assertThat(none.isEmpty()).isTrue();
        assertThat(none.sourceType()).isEqualTo("ANY");
        assertThat(none.toString()).isEqualTo("any connection");
    }

    @Test
    void should_tell_the_chains_of_a_port() {
        assertThat(LAB.destinationPorts()).containsExactly(8443, 8444);
        assertThat(LAB.filterChainsFor(8444)).extracting(FilterChain::name).containsExactly("simple");
        assertThat(LAB.filterChainsFor(80)).extracting(FilterChain::name).containsExactly("through");
    }

    @Test
    void should_tell_what_a_chain_does_about_tls() {
        assertThat(LAB.allFilterChains())
                .extracting(FilterChain::tlsMode)
                .containsExactly(
                        DownstreamTls.Mode.MUTUAL,
                        DownstreamTls.Mode.SIMPLE,
                        DownstreamTls.Mode.PASSTHROUGH,
                        DownstreamTls.Mode.NONE);
        DownstreamTls tls = MUTUAL.tls().orElseThrow();
        assertThat(tls.minimumVersion()).isEqualTo("TLSv1_3");
        assertThat(tls.cipherSuites()).containsExactly("ECDHE-ECDSA-AES256-GCM-SHA384");
        assertThat(tls.alpnProtocols()).containsExactly("h2", "http/1.1");
        assertThat(tls.certificateSecrets()).containsExactly("default");
        assertThat(tls.validationSecret()).contains("ROOTCA");
        assertThat(tls.subjectAltNames())
                .containsExactly(
                        new SanMatch("URI", new TextMatch(TextMatch.Kind.PREFIX, "spiffe://cluster.local/", false)));
        assertThat(MUTUAL.secrets()).containsExactly("default", "ROOTCA");
        assertThat(MUTUAL.handshakeTimeout()).contains(Duration.ofSeconds(15));
        assertThat(tls.toString())
                .isEqualTo("MUTUAL TLSv1_3 to TLSv1_3, certificate default, roots ROOTCA,"
                        + " clients URI spiffe://cluster.local/*, ALPN h2,http/1.1");
    }

    @Test
    void should_read_older_forms_of_tls_settings() {
        DownstreamTls tls = new DownstreamTls(Json.parse("""
                {"require_client_certificate": true,
                 "common_tls_context": {
                  "tls_certificates": [{"certificate_chain": {"filename": "/etc/certs/cert.pem"}}],
                  "validation_context": {
                   "match_subject_alt_names": [{"exact": "spiffe://a/ns/b/sa/c"}],
                   "verify_subject_alt_name": ["d.example.com"],
                   "custom_validator_config": {"name": "envoy.tls.cert_validator.spiffe", "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig",
                    "trust_domains": [{"name": "east"}, {"name": "west"}]}}}}}"""));

        assertThat(tls.subjectAltNames())
                .extracting(SanMatch::toString)
                .containsExactly("spiffe://a/ns/b/sa/c", "d.example.com");
        assertThat(tls.trustDomains()).containsExactly("east", "west");
        assertThat(tls.certificateFiles()).containsExactly("/etc/certs/cert.pem");
        assertThat(tls.validatesClients()).isTrue();
        FilterChain old =
                new FilterChain(Json.parse("{\"tls_context\": {\"require_client_certificate\": true}}"), false);
        assertThat(old.tlsMode()).isEqualTo(DownstreamTls.Mode.MUTUAL);
        FilterChain quic = new FilterChain(Json.parse("""
                {"transport_socket": {"name": "envoy.transport_sockets.quic", "typed_config": {
                  "@type": "type.googleapis.com/envoy.extensions.transport_sockets.quic.v3.QuicDownstreamTransport",
                  "downstream_tls_context": {"common_tls_context": {"alpn_protocols": ["h3"]}}}}}"""), false);
        assertThat(quic.tls().orElseThrow().alpnProtocols()).containsExactly("h3");
    }

    @Test
    void should_list_network_filters_in_order() {
        assertThat(MUTUAL.filters()).extracting(NetworkFilter::kind).containsExactly("rbac", "http_connection_manager");
        assertThat(MUTUAL.filters().get(0).summary()).isEqualTo("ALLOW nothing: refuses everything");
        assertThat(chain("simple").filters())
                .extracting(NetworkFilter::toString)
                .containsExactly(
                        "envoy.filters.network.connection_limit: at most 5 connections",
                        "envoy.filters.network.sni_cluster: the cluster is the server name",
                        "envoy.filters.network.tcp_proxy: a 25%, b 75%, through a tunnel to %DOWNSTREAM_LOCAL_ADDRESS%,"
                                + " no idle timeout, hashed by source IP");
        TcpProxy proxy = chain("simple").tcpProxy().orElseThrow();
        assertThat(proxy.weightedClusters()).extracting(WeightedCluster::share).containsExactly(25.0, 75.0);
        assertThat(proxy.maxConnectAttempts()).isEqualTo(3);
        assertThat(proxy.idleTimeout()).isZero();
        assertThat(chain("simple").tcpClusters()).containsExactly("a", "b");
    }

    @Test
    void should_show_the_http_settings_of_a_chain() {
        assertThat(HTTP.codec()).isEqualTo("HTTP2");
        assertThat(HTTP.routeConfigName()).isEmpty();
        assertThat(HTTP.inlineRouteConfig().orElseThrow().name()).isEqualTo("lab");
        assertThat(HTTP.normalizesPath()).isTrue();
        assertThat(HTTP.mergesSlashes()).isTrue();
        assertThat(HTTP.escapedSlashesAction()).isEqualTo("UNESCAPE_AND_REDIRECT");
        assertThat(HTTP.forwardClientCertDetails()).isEqualTo("SANITIZE_SET");
        assertThat(HTTP.usesRemoteAddress()).isTrue();
        assertThat(HTTP.xffTrustedHops()).isEqualTo(2);
        assertThat(HTTP.streamIdleTimeout()).isZero();
        assertThat(HTTP.requestTimeout()).isEqualTo(Duration.ofMinutes(5));
        assertThat(HTTP.requestHeadersTimeout()).isEqualTo(Duration.ofMinutes(1));
        assertThat(HTTP.idleTimeout()).isEqualTo(Duration.ofMinutes(10));
        assertThat(HTTP.maxConnectionDuration()).contains(Duration.ofHours(1));
        assertThat(HTTP.maxRequestHeadersKb()).isEqualTo(96);
        assertThat(HTTP.serverName()).isEqualTo("istio-envoy");
        assertThat(HTTP.serverHeaderTransformation()).isEqualTo("PASS_THROUGH");
        assertThat(HTTP.stripsAnyHostPort()).isTrue();
        assertThat(HTTP.upgrades()).containsExactly(new Upgrade("websocket", true, false));
        assertThat(HTTP.tracingSampling()).contains(1.0);
        assertThat(HTTP.accessLoggers())
                .extracting(AccessLogger::toString)
                .containsExactly("file /dev/stdout, only (status >= 400 and flags any)", "open_telemetry x");
        assertThat(HTTP.accessLoggers().get(0).format()).contains("{\"code\":\"%RESPONSE_CODE%\"}");
    }

    @Test
    void should_list_http_filters_in_order_with_what_they_do() {
        assertThat(HTTP.httpFilters())
                .extracting(HttpFilter::kind)
                .containsExactly(
                        "jwt_authn",
                        "ext_authz",
                        "rbac",
                        "lua",
                        "ratelimit",
                        "local_ratelimit",
                        "buffer",
                        "compressor",
                        "grpc_web",
                        "cors",
                        "fault",
                        "router");
        assertThat(HTTP.httpFilters())
                .extracting(HttpFilter::summary)
                .containsExactly(
                        "providers google (issuer https://accounts.example.com, keys from"
                                + " https://keys.example.com/jwks); prefix / wants google or no token",
                        "asks x within 600ms, fails open, for CUSTOM policies",
                        "DENY shop/deny-admin; dry run ALLOW shop/readers",
                        "code of 3 lines: function envoy_on_request(h)   h:logInfo('hi') end",
                        "switched off",
                        "2 per 1m, looks at 0% of requests, enforced for 0%",
                        "sent separately (ECDS), of type envoy.extensions.filters.http.buffer.v3.Buffer",
                        "Gzip",
                        "translates gRPC-Web",
                        "",
                        "",
                        "");
        assertThat(http("ratelimit").isDisabled()).isTrue();
        assertThat(http("buffer").isDiscovered()).isTrue();
        assertThat(http("buffer").hasDefaultConfiguration()).isTrue();
        Rbac rbac = http("rbac").rbac().orElseThrow();
        assertThat(rbac.action()).contains("DENY");
        assertThat(rbac.policies())
                .containsExactly("ns[shop]-policy[deny-admin]-rule[0]", "ns[shop]-policy[deny-admin]-rule[1]");
        assertThat(rbac.shadowAction()).contains("ALLOW");
        assertThat(rbac.configuredBy())
                .extracting(ref -> ref.namespace() + "/" + ref.name())
                .containsExactly("shop/deny-admin", "shop/readers");
    }

    @Test
    void should_walk_matcher_trees_to_their_filter_chains() {
        Listener tree = Views.listener("tree");

        assertThat(tree.allFilterChains())
                .extracting(chain -> chain.name() + ": " + tree.matchText(chain))
                .containsExactlyInAnyOrder(
                        "web: ip=10.0.0.0/8,fd00::/8->port=80",
                        "prefix: ip=10.0.0.0/8,fd00::/8->port=81->sni^a.",
                        "domain: ip=10.0.0.0/8,fd00::/8->port=82->sni=*.example.com",
                        "list: ip=10.0.0.0/8,fd00::/8->port=83->(sni=x or not sni=*y)",
                        "rest: UNMATCHED",
                        "nobody: NONE");
        assertThat(LAB.matchText(chain("simple"))).isEqualTo("Addr: *:8444");
    }

    @Test
    void should_name_matchers_that_it_does_not_know() {
        List<MatcherBranch> branches = Views.listener(Json.parse("""
                {"filter_chain_matcher": {
                  "matcher_tree": {"input": {"name": "ip"}, "custom_match": {"name": "new", "typed_config": {
                    "@type": "type.googleapis.com/xds.type.matcher.v9.BloomMatcher"}}},
                  "on_no_match": {"matcher": {"quantum_matcher": {}}}}}""")).matcherBranches();

        assertThat(branches)
                .extracting(MatcherBranch::toString)
                .containsExactly(
                        "unknown matcher BloomMatcher -> ?", "UNMATCHED->unknown matcher quantum_matcher -> ?");
    }
}
