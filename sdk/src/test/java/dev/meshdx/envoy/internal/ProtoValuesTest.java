package dev.meshdx.envoy.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.model.Json;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProtoValuesTest {
    @Test
    void should_read_durations_as_protobuf_writes_them() {
        assertThat(ProtoValues.duration(Json.of("0.250s"))).contains(Duration.ofMillis(250));
        assertThat(ProtoValues.duration(Json.of("0s"))).contains(Duration.ZERO);
        assertThat(ProtoValues.duration(Json.of("3600.000000001s"))).contains(Duration.ofSeconds(3600, 1));
    }

    @Test
    void should_have_no_duration_for_other_values() {
        for (Object odd : Arrays.asList("-1s", "1m", "s", "", "99999999999999999999s", 5, null, List.of(), true)) {
            assertThat(ProtoValues.duration(Json.of(odd))).as("%s", odd).isEmpty();
        }
    }

    @Test
    void should_read_shares_in_every_form() {
        assertThat(percent("{\"numerator\": 25, \"denominator\": \"TEN_THOUSAND\"}"))
                .isEqualTo(0.25);
        assertThat(percent("{\"default_value\": {\"numerator\": 10}, \"runtime_key\": \"k\"}"))
                .isEqualTo(10);
        assertThat(percent("{\"value\": 0.5}")).isEqualTo(0.5);
        assertThat(percent("{\"numerator\": 1000000, \"denominator\": \"MILLION\"}"))
                .isEqualTo(100);
        assertThat(percent("{\"numerator\": 500}")).isEqualTo(100);
        assertThat(percent("{}")).isEqualTo(0);
        assertThat(percent("\"half\"")).isEqualTo(7);
        assertThat(percent("{\"value\": \"NaN\"}")).isEqualTo(7);
    }

    private static double percent(String json) {
        return ProtoValues.percent(Json.parse(json), 7);
    }

    @Test
    void should_write_times_and_shares_for_people() {
        assertThat(ProtoValues.text(Duration.ofMillis(250))).isEqualTo("250ms");
        assertThat(ProtoValues.text(Duration.ofMillis(1500))).isEqualTo("1.5s");
        assertThat(ProtoValues.text(Duration.ofSeconds(90))).isEqualTo("90s");
        assertThat(ProtoValues.text(Duration.ofMinutes(10))).isEqualTo("10m");
        assertThat(ProtoValues.text(Duration.ofHours(10))).isEqualTo("10h");
        assertThat(ProtoValues.percentText(100)).isEqualTo("100%");
        assertThat(ProtoValues.percentText(100 / 3.0)).isEqualTo("33.33%");
        assertThat(ProtoValues.percentText(0.0001)).isEqualTo("0.0001%");
    }

    @Test
    void should_fall_back_on_counts_that_are_none() {
        assertThat(ProtoValues.count(Json.of(-1), 7)).isEqualTo(7);
        assertThat(ProtoValues.count(Json.of(1L << 40), 7)).isEqualTo(7);
        assertThat(ProtoValues.count(Json.of("5"), 7)).isEqualTo(5);
        assertThat(ProtoValues.count(Json.MISSING, 7)).isEqualTo(7);
    }

    @Test
    void should_see_through_wrappers_of_typed_configurations() {
        TypedConfig struct = TypedConfig.of(Json.parse("""
                {"@type": "type.googleapis.com/udpa.type.v1.TypedStruct",
                 "type_url": "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
                 "value": {"stat_prefix": "p"}}"""));

        assertThat(struct.message()).isEqualTo("LocalRateLimit");
        assertThat(struct.kind("any")).isEqualTo("local_ratelimit");
        assertThat(struct.fields().at("stat_prefix").text("")).isEqualTo("p");
        TypedConfig off = TypedConfig.of(Json.parse("""
                {"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "disabled": true,
                 "config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.LuaPerRoute", "name": "n"}}"""));
        assertThat(off.disabled()).isTrue();
        assertThat(off.kind("x")).isEqualTo("lua");
        assertThat(off.fields().at("name").text("")).isEqualTo("n");
    }

    @Test
    void should_name_what_an_extension_is() {
        assertThat(kind("io.istio.http.peer_metadata.Config", "istio.metadata_exchange"))
                .isEqualTo("peer_metadata");
        assertThat(kind("envoy.tcp.metadataexchange.config.MetadataExchange", "x"))
                .isEqualTo("metadataexchange");
        assertThat(kind("istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig", "x"))
                .isEqualTo("alpn");
        assertThat(kind("envoy.config.filter.http.jwt_authn.v2alpha.JwtAuthentication", "x"))
                .isEqualTo("jwt_authn");
        assertThat(kind("stats.PluginConfig", "istio.stats")).isEqualTo("stats");
        assertThat(kind("", "envoy.router")).isEqualTo("router");
        assertThat(kind("", "")).isEmpty();
    }

    private static String kind(String type, String name) {
        return new TypedConfig(type, Json.MISSING, false).kind(name);
    }
}
