package dev.meshdx.security.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.configuration.ClientTlsMode;
import dev.meshdx.configuration.MtlsMode;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.model.ResourceRef;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProxyTlsReaderTest {
    private static final String TLS = "{\"name\":\"envoy.transport_sockets.tls\",\"typed_config\":%s}";

    private static ProxyTls parse(String dump) {
        try {
            return ProxyTlsReader.parse(
                    ConfigDump.parse(new ByteArrayInputStream(dump.getBytes(StandardCharsets.UTF_8))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ClientTlsMode cluster(String fields) {
        ProxyTls tls = parse(("{\"configs\":[{\"@type\":\"x/envoy.admin.v3.ClustersConfigDump\","
                + "\"dynamic_active_clusters\":[{\"cluster\":{\"name\":\"outbound|80||a.b.svc.cluster.local\""
                + fields
                + "}}]}]}"));
        return tls.clusters().get("outbound|80||a.b.svc.cluster.local").mode();
    }

    private static ProxyTls inbound(String chains) {
        return parse(("{\"configs\":[{\"@type\":\"x/envoy.admin.v3.ListenersConfigDump\","
                + "\"dynamic_listeners\":[{\"name\":\"virtualInbound\",\"active_state\":{\"listener\":{"
                + "\"name\":\"virtualInbound\",\"filter_chains\":[" + chains + "]}}}]}]}"));
    }

    private static String chain(int port, String protocol, boolean tls, boolean clientCertificate) {
        return "{\"filter_chain_match\":{\"destination_port\":" + port + ",\"transport_protocol\":\"" + protocol + "\"}"
                + (tls
                        ? ",\"transport_socket\":"
                                + TLS.formatted("{\"require_client_certificate\":" + clientCertificate + "}")
                        : "")
                + "}";
    }

    @Test
    void should_tell_what_a_cluster_sends() {
        assertThat(cluster("")).isEqualTo(ClientTlsMode.PLAINTEXT);
        assertThat(cluster(",\"transport_socket_matches\":[{\"name\":\"tlsMode-istio\",\"transport_socket\":"
                        + TLS.formatted("{}") + "},{\"name\":\"tlsMode-disabled\"}]"))
                .isEqualTo(ClientTlsMode.AUTO);
        assertThat(
                        cluster(
                                ",\"transport_socket\":"
                                        + TLS.formatted(
                                                "{\"common_tls_context\":{\"tls_certificate_sds_secret_configs\":[{\"name\":\"default\"}]}}")))
                .isEqualTo(ClientTlsMode.ISTIO_MUTUAL);
        assertThat(
                        cluster(
                                ",\"transport_socket\":"
                                        + TLS.formatted(
                                                "{\"common_tls_context\":{\"tls_certificate_sds_secret_configs\":[{\"name\":\"file-cert:a~b\"}]}}")))
                .isEqualTo(ClientTlsMode.MUTUAL);
        assertThat(cluster(",\"transport_socket\":" + TLS.formatted("{\"common_tls_context\":{}}")))
                .isEqualTo(ClientTlsMode.SIMPLE);
    }

    @Test
    void should_name_the_rule_of_a_cluster() {
        ProxyTls tls = parse(
                ("{\"configs\":[{\"@type\":\"x/envoy.admin.v3.ClustersConfigDump\","
                        + "\"dynamic_active_clusters\":[{\"cluster\":{\"name\":\"outbound|80||a\",\"metadata\":{\"filter_metadata\":"
                        + "{\"istio\":{\"config\":\"/apis/networking.istio.io/v1/namespaces/shop/destination-rule/db\"}}}}}]}]}"));

        assertThat(tls.clusters().get("outbound|80||a").rule())
                .contains(ResourceRef.of("DestinationRule", "shop", "db"));
    }

    @Test
    void should_tell_what_ports_accept() {
        ProxyTls tls = inbound(chain(80, "tls", true, true) + "," + chain(80, "raw_buffer", false, false) + ","
                + chain(81, "tls", true, true) + "," + chain(82, "raw_buffer", false, false) + ","
                + chain(83, "tls", true, false) + "," + chain(0, "tls", true, true));

        assertThat(tls.inboundMode(80)).contains(MtlsMode.PERMISSIVE);
        assertThat(tls.inboundMode(81)).contains(MtlsMode.STRICT);
        assertThat(tls.inboundMode(82)).contains(MtlsMode.DISABLE);
        assertThat(tls.inboundMode(83)).contains(MtlsMode.UNKNOWN);
        // A port that is not declared follows the chains without a port.
        assertThat(tls.inboundMode(9999)).contains(MtlsMode.STRICT);
        assertThat(parse(("{\"configs\":[]}")).inboundMode(80)).isEmpty();
    }

    @Test
    void should_never_keep_a_private_key() {
        ProxyTls tls = parse(
                ("{\"configs\":[{\"@type\":\"x/envoy.admin.v3.SecretsConfigDump\","
                        + "\"dynamic_active_secrets\":[{\"name\":\"default\",\"secret\":{\"tls_certificate\":{"
                        + "\"certificate_chain\":{\"inline_string\":\"public\"},\"private_key\":{\"inline_string\":\"hush\"}}}}]}]}"));

        assertThat(tls.secrets()).hasSize(1);
        assertThat(tls.toString()).contains("public").doesNotContain("hush");
    }
}
