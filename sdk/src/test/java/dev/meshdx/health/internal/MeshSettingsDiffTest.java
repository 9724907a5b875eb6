package dev.meshdx.health.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.model.Json;
import dev.meshdx.model.internal.Yaml;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MeshSettingsDiffTest {
    private static List<String> compare(String meant, String inForce) {
        List<String> found = new ArrayList<>();
        MeshSettingsDiff.compare(
                Yaml.read(meant),
                Json.parse(inForce),
                (path, value, other) -> found.add(path + ": " + value + " / " + other));
        return found;
    }

    @Test
    void should_report_what_differs() {
        assertThat(compare("""
                        accessLogFile: /dev/stdout
                        outboundTrafficPolicy: {mode: REGISTRY_ONLY}
                        defaultConfig: {drainDuration: 5s, concurrency: 2}
                        trustDomainAliases: [a, b]
                        extensionProviders: [{name: otel, opentelemetry: {port: 4317}}, {name: prometheus}]
                        """, """
                        {"outboundTrafficPolicy":{"mode":"ALLOW_ANY"},"defaultConfig":{"drainDuration":"45s","concurrency":4},
                        "trustDomainAliases":["a"],"extensionProviders":[{"name":"prometheus","prometheus":{}}]}""")).hasSize(6);
    }

    @Test
    void should_not_report_how_istiod_writes_the_same() {
        assertThat(compare("""
                        accessLogFile: ""
                        connectTimeout: 1m30s
                        enableTracing: false
                        enableAutoMtls: true
                        localityLbSetting: {enabled: true}
                        rootNamespace: istio-system
                        unknownToThisVersion: 7
                        defaultConfig: {proxyMetadata: {}, discoveryAddress: "istiod:15012", concurrency: 2}
                        defaultServiceExportTo: ["*"]
                        """, """
                        {"connectTimeout":"90s","enableAutoMtls":true,"localityLbSetting":{"enabled":true},
                        "rootNamespace":"istio-system","defaultServiceExportTo":["*"],
                        "defaultConfig":{"discoveryAddress":"istiod:15012","concurrency":2,"statusPort":15020}}""")).isEmpty();
        assertThat(compare("[]", "{}")).isEmpty();
        assertThat(compare("accessLogFile: {a: 1}", "{\"accessLogFile\":\"x\"}"))
                .isEmpty();
    }
}
