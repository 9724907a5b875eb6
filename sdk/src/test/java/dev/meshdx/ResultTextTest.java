package dev.meshdx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.model.Json;
import dev.meshdx.report.Documents;
import dev.meshdx.testing.Shared;
import dev.meshdx.traffic.HttpRequest;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** JShell cuts a value's text at 1,000 characters: whatever a question answers, and whatever is in the answer, is shorter. */
class ResultTextTest {
    private static final int LONGEST = 900;
    private static final int VALUES_OF_A_RESULT = 5_000;

    /** Meshes that fail in different ways; all of them would take half a minute and show nothing more. */
    private static final List<String> RECORDINGS =
            List.of("healthy", "route-case", "proxy-nack", "mtls-disabled-vs-strict", "cert-expired");

    @Test
    void should_be_short_for_all_results() throws Exception {
        Map<String, String> tooLong = new TreeMap<>();
        Set<String> seen = new HashSet<>();
        for (String recording : RECORDINGS) {
            try (Mesh mesh = Mesh.snapshot(Shared.folder("real/sidecar/" + recording))) {
                for (Object result : results(mesh)) {
                    walk(result, tooLong, seen);
                }
            }
        }

        assertThat(tooLong).isEmpty();
        assertThat(seen)
                .contains(
                        "Diagnosis",
                        "Finding",
                        "ProxyStatuses",
                        "MtlsReport",
                        "Certificates",
                        "Clusters",
                        "Endpoint",
                        "Trace");
    }

    private static List<Object> results(Mesh mesh) {
        List<Object> results = new ArrayList<>();
        add(results, mesh::diagnose);
        add(results, mesh::analyze);
        add(results, mesh::proxyStatus);
        add(results, mesh::mtls);
        add(results, mesh::certificates);
        add(results, () -> mesh.controlPlane().health());
        MeshNamespace namespace = mesh.namespace("production");
        List<MeshPod> pods = new ArrayList<>();
        add(results, () -> pods.addAll(namespace.pods("")));
        for (MeshPod pod : pods.subList(0, Math.min(2, pods.size()))) {
            add(results, pod::diagnose);
            add(results, () -> pod.envoy().configDump());
            add(results, () -> pod.envoy().endpoints().all());
            add(results, () -> pod.envoy().configDump().clusters());
            add(results, () -> pod.logs().tail(500));
            add(results, () -> pod.logs().patterns());
            add(results, () -> pod.logs().accessLog());
            add(results, () -> pod.trace(HttpRequest.get("http://reviews:9080/")));
            add(results, () -> pod.trace(HttpRequest.get("http://nowhere.example/")));
        }
        return results;
    }

    /** Recordings hold some of all this; what they do not hold is no matter here. */
    private static void add(List<Object> results, Callable<?> question) {
        try {
            results.add(question.call());
        } catch (MeshException e) {
            results.add(e.reason());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** A result and all values that its accessors lead to. */
    private static void walk(Object result, Map<String, String> tooLong, Set<String> seen) throws Exception {
        Deque<Object> open = new ArrayDeque<>(List.of(result));
        int count = 0;
        while (!open.isEmpty() && count++ < VALUES_OF_A_RESULT) {
            Object value = open.poll();
            if (value instanceof Collection<?> many) {
                open.addAll(many);
            } else if (value instanceof Map<?, ?> map) {
                open.addAll(map.values());
            } else if (value instanceof Optional<?> one) {
                one.ifPresent(open::add);
            } else if (isResult(value)) {
                String type = value.getClass().getSimpleName();
                seen.add(type);
                String text = value.toString();
                if (text.length() >= LONGEST || text.contains("@" + Integer.toHexString(value.hashCode()))) {
                    tooLong.merge(type, text, (one, other) -> one.length() > other.length() ? one : other);
                }
                for (Method method : value.getClass().getMethods()) {
                    Object next = next(value, method);
                    if (next != null) {
                        open.add(next);
                    }
                }
            }
        }
    }

    private static boolean isResult(Object value) {
        return value.getClass().getName().startsWith("dev.meshdx.")
                && !(value instanceof Json || value instanceof Enum<?>)
                && !value.getClass().getPackageName().equals(Documents.class.getPackageName());
    }

    private static @Nullable Object next(Object value, Method method) throws IllegalAccessException {
        if (method.getParameterCount() > 0
                || Modifier.isStatic(method.getModifiers())
                || method.getReturnType() == void.class
                || !method.getDeclaringClass().getName().startsWith("dev.meshdx.")
                || Set.of("toBuilder", "stream", "iterator", "rows", "fields", "diff")
                        .contains(method.getName())
                || !Modifier.isPublic(value.getClass().getModifiers())) {
            return null;
        }
        try {
            return method.invoke(value);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof MeshUnsupportedException) {
                // A question that this result cannot answer: what one proxy lacks, of an answer about many.
                return null;
            }
            throw new AssertionError(method + " of a result throws", e.getCause());
        }
    }
}
