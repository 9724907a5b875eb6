package dev.meshdx.health.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.SyncState;
import dev.meshdx.health.TypeStatus;
import dev.meshdx.health.XdsType;
import dev.meshdx.model.Json;
import dev.meshdx.testing.Shared;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SyncStatusParserTest {
    @Test
    void should_tell_each_state_from_the_present_form() {
        List<ProxyStatus> proxies = HealthFixtures.proxies("[{'proxy':'web-1.shop','cluster_id':'east',"
                + "'istio_version':'1.30.0','proxy_type':'sidecar','resources':{"
                + "'type.googleapis.com/envoy.config.cluster.v3.Cluster':"
                + "{'sent':'b','acked':'a','sentTime':'2026-01-02T03:04:05Z'},"
                + "'type.googleapis.com/envoy.config.listener.v3.Listener':"
                + "{'sent':'b','acked':'a','lastError':'no such filter'},"
                + "'type.googleapis.com/envoy.config.route.v3.RouteConfiguration':{'sentTime':'0001-01-01T00:00:00Z'},"
                + "'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment':{'sent':'a','acked':'a'},"
                + "'example.com/other':{'sent':'a','acked':'a'}}}]");

        ProxyStatus proxy = proxies.get(0);
        assertThat(proxy.pod()).isEqualTo("web-1");
        assertThat(proxy.namespace()).isEqualTo("shop");
        assertThat(proxy.cluster()).isEqualTo("east");
        assertThat(proxy.type(XdsType.CDS).state()).isEqualTo(SyncState.STALE);
        assertThat(proxy.type(XdsType.CDS).since()).contains(Instant.parse("2026-01-02T03:04:05Z"));
        assertThat(proxy.type(XdsType.LDS).state()).isEqualTo(SyncState.ERROR);
        assertThat(proxy.type(XdsType.LDS).error()).contains("no such filter");
        assertThat(proxy.type(XdsType.RDS).state()).isEqualTo(SyncState.NOT_SENT);
        assertThat(proxy.type(XdsType.RDS).since()).isEmpty();
        assertThat(proxy.type(XdsType.EDS).state()).isEqualTo(SyncState.SYNCED);
        assertThat(proxy.type(XdsType.ECDS).state()).isEqualTo(SyncState.IGNORED);
        assertThat(proxy.types().keySet().toString()).isEqualTo("[CDS, LDS, EDS, RDS, ECDS, example.com/other]");
        assertThat(proxy.isSynced()).isFalse();
    }

    @Test
    void should_leave_out_other_people_who_ask() {
        assertThat(HealthFixtures.proxies("[{'proxy':'test-1.istio-system'},{'proxy':'web.shop'},{}]"))
                .extracting(ProxyStatus::pod)
                .containsExactly("web");
    }

    @Test
    void should_read_the_form_before_the_generic_one() {
        ProxyStatus proxy = HealthFixtures.proxies("{'resources':[{'node':{'id':'web.shop'},'xdsConfig':["
                        + "{'status':'STALE','clusterConfig':{}},{'status':'SYNCED','routeConfig':{}}]}]}")
                .get(0);

        assertThat(proxy.type(XdsType.CDS).state()).isEqualTo(SyncState.STALE);
        assertThat(proxy.type(XdsType.RDS).state()).isEqualTo(SyncState.SYNCED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"hello\"", "{\"error\":\"x\"}", "null", "7"})
    void should_refuse_what_is_no_list_of_proxies(String answer) {
        assertThatThrownBy(() -> SyncStatusParser.read(HealthFixtures.stream(answer), "istiod-1", "default", null))
                .isInstanceOf(MeshProtocolException.class)
                .hasMessageContaining("istiod-1");
    }

    @Test
    void should_keep_the_newest_of_two_istiods() {
        String type = "envoy.config.cluster.v3.Cluster";
        List<ProxyStatus> both = new java.util.ArrayList<>(HealthFixtures.proxies(HealthFixtures.resourcesOf(
                "web.shop", type, "'sent':'b','acked':'a','sentTime':'2026-01-02T03:00:00Z'")));
        both.addAll(HealthFixtures.proxies(HealthFixtures.resourcesOf(
                "web.shop", type, "'sent':'a','acked':'a','sentTime':'2026-01-02T04:00:00Z'")));

        assertThat(HealthReads.newest(both))
                .singleElement()
                .satisfies(proxy -> assertThat(proxy.isSynced()).isTrue());
    }

    @ParameterizedTest
    @ValueSource(strings = {"http-F", "http-E", "http-B", "xds", "upstream-one-istiod"})
    void should_agree_with_the_conformance_cases(String name) throws IOException {
        Path folder = Shared.folder("conformance/proxy-status");
        Json expected = Json.parse(Files.readString(folder.resolve("expected").resolve(name + ".json")));

        SyncStatusParser.Answer answer;
        try (InputStream in = Files.newInputStream(folder.resolve("input").resolve(name + ".json"))) {
            answer = SyncStatusParser.read(in, "istiod", "default", null);
        }
        Map<String, ProxyStatus> proxies = answer.proxies().stream()
                .collect(Collectors.toMap(
                        proxy -> proxy.namespace().isEmpty() ? proxy.pod() : proxy.pod() + "." + proxy.namespace(),
                        proxy -> proxy));

        assertThat(proxies).hasSize(expected.size());
        for (Json entry : expected.items()) {
            ProxyStatus proxy = proxies.get(entry.at("proxy").text(""));
            assertThat(proxy).as(entry.at("proxy").text("")).isNotNull();
            Map<String, String> wanted = new TreeMap<>();
            Map<String, String> got = new TreeMap<>();
            entry.at("types").forEachField((type, state) -> {
                wanted.put(
                        type,
                        state.at("state").text("") + " " + state.at("error").text(""));
                TypeStatus status = proxy.types().entrySet().stream()
                        .filter(known -> known.getKey().shortName().equalsIgnoreCase(type))
                        .findFirst()
                        .orElseThrow()
                        .getValue();
                got.put(type, status.state().name() + " " + status.error().orElse(""));
            });
            assertThat(got).as(entry.at("proxy").text("")).isEqualTo(wanted);
        }
    }
}
