package dev.meshdx.configuration.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CallsTest {
    private static Calls calls(String value) {
        return calls(value, "none", "");
    }

    private static Calls calls(String value, String annotation, String annotated) {
        Configuration.Builder builder = Configuration.builder();
        ResourceKind.known().forEach(kind -> builder.resources(kind, List.of()));
        return Calls.of(builder.resources(ResourceKind.SERVICE, List.of(service("reviews", "production", 9080)))
                .resources(ResourceKind.SERVICE, List.of(service("orders", "shop", 80)))
                .resources(
                        ResourceKind.SERVICE_ENTRY,
                        List.of(Resource.of(
                                ResourceKind.SERVICE_ENTRY,
                                Json.object(
                                        "metadata",
                                        Json.object("name", "bank", "namespace", "shop"),
                                        "spec",
                                        Json.object("hosts", List.of("bank.example.com", "*.cloud.example.com"))))))
                .resources(ResourceKind.POD, List.of(pod(value, annotation, annotated)))
                .build());
    }

    private static Resource service(String name, String namespace, int port) {
        return Resource.of(
                ResourceKind.SERVICE,
                Json.object(
                        "metadata",
                        Json.object("name", name, "namespace", namespace),
                        "spec",
                        Json.object("ports", List.of(Json.object("port", port)))));
    }

    private static Resource pod(String value, String annotation, String annotated) {
        return Resource.of(
                ResourceKind.POD,
                Json.object(
                        "metadata",
                        Json.object(
                                "name", "web", "namespace", "shop", "annotations", Json.object(annotation, annotated)),
                        "spec",
                        Json.object(
                                "containers",
                                List.of(
                                        Json.object("name", "istio-proxy", "image", "proxyv2"),
                                        Json.object(
                                                "name",
                                                "web",
                                                "env",
                                                List.of(Json.object("name", "TARGET", "value", value)))))));
    }

    @ParameterizedTest
    @CsvSource({
        "http://orders, orders.shop.svc.cluster.local, 0, orders",
        "orders:80, orders.shop.svc.cluster.local, 80, orders:80",
        "--upstream=orders:80, orders.shop.svc.cluster.local, 80, orders:80",
        "reviews.production, reviews.production.svc.cluster.local, 0, reviews.production",
        "grpc://user:secret@reviews.production.svc:9080/x?token=y, reviews.production.svc.cluster.local, 9080, reviews.production.svc:9080",
        "reviews.production.svc.cluster.local.:9080, reviews.production.svc.cluster.local, 9080, reviews.production.svc.cluster.local:9080",
        "https://Bank.example.com/a, bank.example.com, 0, bank.example.com",
        "jdbc:mysql://reviews.production:3306/db, reviews.production.svc.cluster.local, 3306, reviews.production:3306"
    })
    void should_know_hosts_of_the_mesh(String value, String host, long port, String shown) {
        Calls calls = calls(value);

        assertThat(calls.known()).singleElement().satisfies(call -> {
            assertThat(call.host()).isEqualTo(host);
            assertThat(call.port()).isEqualTo(port);
            assertThat(call.namespace()).isEqualTo("shop");
            assertThat(call.field().path()).isEqualTo("spec.containers[1].env[0].value");
            assertThat(call.field().text()).isEqualTo(shown);
            assertThat(call.targets()).hasSize(1);
        });
        assertThat(calls.unknown()).isEmpty();
        assertThat(calls.to(host)).hasSize(1);
    }

    @Test
    void should_know_several_in_one_value() {
        assertThat(calls("orders:80,reviews.production:9080 orders:80").known())
                .extracting(Calls.Call::host)
                .containsExactly("orders.shop.svc.cluster.local", "reviews.production.svc.cluster.local");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "orders",
                "orders:8080",
                "reviews:9080",
                "my-orders:80",
                "orders:80:80",
                "$(ORDERS):80",
                "http://$(HOST):80/orders",
                "registry.example.com/orders:80",
                "http://localhost:8080",
                "http://10.0.0.1/",
                "http://[::1]:80",
                "http://db.internal",
                "https://a.cloud.example.com",
                "com.example.Main"
            })
    void should_not_guess(String value) {
        Calls calls = calls(value);

        assertThat(calls.known()).isEmpty();
        assertThat(calls.unknown()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "https://api.example.com/v1, api.example.com, 443",
        "http://api.example.com, api.example.com, 80",
        "amqps://u:p@mq.example.com:5671, mq.example.com, 5671"
    })
    void should_tell_hosts_outside(String value, String host, long port) {
        assertThat(calls(value).unknown()).singleElement().satisfies(call -> {
            assertThat(call.host()).isEqualTo(host);
            assertThat(call.port()).isEqualTo(port);
            assertThat(call.field().text()).isEqualTo(host + ":" + port);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "traffic.sidecar.istio.io/excludeOutboundPorts, '443, 80', 0",
        "traffic.sidecar.istio.io/excludeOutboundPorts, 8080, 1",
        "traffic.sidecar.istio.io/includeOutboundIPRanges, 10.0.0.0/8, 0",
        "traffic.sidecar.istio.io/includeOutboundIPRanges, *, 1",
        "sidecar.istio.io/interceptionMode, NONE, 0",
        "sidecar.istio.io/inject, false, 1"
    })
    void should_leave_out_what_bypasses_the_proxy(String annotation, String value, int known) {
        assertThat(calls("http://orders:80", annotation, value).known()).hasSize(known);
    }
}
