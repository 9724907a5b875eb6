package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.health.IstiodInstance;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.Termination;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.Scope;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Small models for the tests of the checks. */
final class HealthFixtures {
    static final Instant NOW = Instant.parse("2026-01-02T12:00:00Z");

    private HealthFixtures() {}

    static HealthModel.Builder model() {
        return HealthModel.builder(Scope.MESH, NOW);
    }

    static List<Finding> run(Check<HealthModel> check, HealthModel.Builder model) {
        List<Finding> findings = new ArrayList<>();
        check.run(model.build(), findings::add);
        return findings;
    }

    static IstiodInstance istiod(String pod, boolean ready) {
        return istiod(pod, ready, 0, null, null, -1, -1, Duration.ofDays(1));
    }

    static IstiodInstance istiod(
            String pod,
            boolean ready,
            int restarts,
            @Nullable Termination last,
            @Nullable String waiting,
            long used,
            long limit,
            @Nullable Duration uptime) {
        return new IstiodInstance(new IstiodInstance.Fields(
                "istio-system",
                pod,
                "default",
                "1.30.0",
                "Running",
                ready,
                restarts,
                last,
                waiting,
                null,
                used,
                limit,
                "metrics.k8s.io",
                uptime));
    }

    /** A pod with a sidecar whose container has this status, in YAML-like JSON with single quotes. */
    static Resource pod(String name, String proxyStatus) {
        return resource(
                ResourceKind.POD,
                "{'metadata':{'namespace':'shop','name':'" + name + "','labels':{'app':'" + name + "'}},"
                        + "'spec':{'containers':[{'name':'app'},{'name':'istio-proxy'}]},"
                        + "'status':{'phase':'Running','conditions':[{'type':'Ready','status':'True'}],"
                        + "'containerStatuses':[{'name':'app','ready':true,'state':{'running':{}}},"
                        + proxyStatus + "]}}");
    }

    static final String RUNNING = "{'name':'istio-proxy','ready':true,'restartCount':0,"
            + "'state':{'running':{'startedAt':'2026-01-02T08:00:00Z'}}}";

    static Resource resource(ResourceKind kind, String json) {
        return Resource.of(kind, Json.parse(json.replace('\'', '"')));
    }

    /** A pod with a sidecar that runs, made for a revision. */
    static Resource revised(String name, String revision) {
        return resource(
                ResourceKind.POD,
                "{'metadata':{'namespace':'shop','name':'" + name + "','annotations':{'istio.io/rev':'" + revision
                        + "','sidecar.istio.io/status':'{}'}},"
                        + "'spec':{'containers':[{'name':'app'},{'name':'istio-proxy','image':'x/proxyv2:1.30.0-distroless'}]},"
                        + "'status':{'phase':'Running','containerStatuses':[" + RUNNING + "]}}");
    }

    /** An istiod pod that runs. */
    static Resource istiodPod(String name, String revision) {
        return resource(
                ResourceKind.POD,
                "{'metadata':{'namespace':'istio-system','name':'" + name
                        + "','labels':{'app':'istiod','istio.io/rev':'"
                        + revision + "'}},'spec':{'containers':[{'name':'discovery'}]},"
                        + "'status':{'phase':'Running','containerStatuses':[{'name':'discovery','state':{'running':{}}}]}}");
    }

    /** The proxies in an answer of {@code /debug/syncz}. */
    static List<ProxyStatus> proxies(String json) {
        return proxies(json, "istiod-1", "default");
    }

    static List<ProxyStatus> proxies(String json, String istiod, String revision) {
        try {
            return SyncStatusParser.read(stream(json), istiod, revision, null).proxies();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static InputStream stream(String json) {
        return new ByteArrayInputStream(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    static String resourcesOf(String proxy, String type, String state) {
        return "[{'proxy':'" + proxy + "','proxy_type':'sidecar','resources':{'type.googleapis.com/" + type + "':{"
                + state + "}}}]";
    }
}
