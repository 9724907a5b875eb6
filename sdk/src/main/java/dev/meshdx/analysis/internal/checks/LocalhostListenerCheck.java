package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.SERVICE;
import static dev.meshdx.model.ResourceKind.SIDECAR;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.MeshMembership;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Selectors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Containers that are told to listen on localhost, while a Service leads to that port: since Istio 1.10 the sidecar passes
 * traffic on to the pod's own address. Source: Istio 1.10, "Upgrade Notes", "Inbound forwarding configuration". Upstream
 * defines the code, but has no check for it any more; here the command line and the environment speak.
 */
public final class LocalhostListenerCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0143",
            "LocalhostListener",
            Severity.ERROR,
            "A container listens on localhost only, where the sidecar does not reach it.");

    private static final Pattern LOCAL =
            Pattern.compile("(?:[a-z]+://)?(?:127\\.0\\.0\\.1|localhost|\\[::1\\]):([0-9]{1,5})/?");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(POD, SERVICE, SIDECAR, NAMESPACE);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource pod : configuration.all(POD)) {
            Map<Long, Field> local = localPorts(pod);
            if (!local.isEmpty() && MeshMembership.hasSidecar(configuration, pod)) {
                local.forEach((port, field) -> service(configuration, pod, port)
                        .filter(service -> !isForwarded(configuration, pod, port))
                        .ifPresent(service -> report.accept(finding(configuration, pod, port, field, service))));
            }
        }
    }

    /** The ports on which containers are told to listen on localhost. */
    private static Map<Long, Field> localPorts(Resource pod) {
        Map<Long, Field> ports = new LinkedHashMap<>();
        for (Field container : Field.spec(pod).at("containers").items()) {
            if (container.at("name").text().equals("istio-proxy")) {
                continue;
            }
            String before = "";
            for (String list : List.of("command", "args")) {
                for (Field word : container.at(list).items()) {
                    String text = word.text();
                    int equals = text.indexOf('=');
                    if (text.startsWith("-") && equals > 0) {
                        add(text.substring(0, equals), text.substring(equals + 1), word, ports);
                    } else if (before.startsWith("-")) {
                        add(before, text, word, ports);
                    }
                    before = text;
                }
            }
            for (Field variable : container.at("env").items()) {
                add(variable.at("name").text(), variable.at("value").text(), variable.at("value"), ports);
            }
        }
        return ports;
    }

    /** Only what is about listening: addresses of others on localhost are none of ours. */
    private static void add(String name, String value, Field place, Map<Long, Field> ports) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.contains("listen") || lower.contains("bind")) {
            Matcher local = LOCAL.matcher(value);
            if (local.matches()) {
                ports.putIfAbsent(Long.parseLong(local.group(1)), place);
            }
        }
    }

    private static Optional<Resource> service(Configuration configuration, Resource pod, long port) {
        return configuration.in(SERVICE, configuration.namespaceOf(pod)).stream()
                .filter(service -> {
                    Map<String, String> selector = service.spec().at("selector").textMap();
                    return !selector.isEmpty()
                            && Selectors.matchesMap(selector, pod.labels())
                            && service.spec().at("ports").items().stream().anyMatch(one -> target(one, pod) == port);
                })
                .findFirst();
    }

    private static long target(Json port, Resource pod) {
        Json target = port.at("targetPort");
        long number = target.number(0);
        if (number != 0) {
            return number;
        }
        return target.text("").isEmpty() || target.text("").equals("0")
                ? port.at("port").number(0)
                : pod.spec().at("containers").items().stream()
                        .flatMap(container -> container.at("ports").items().stream())
                        .filter(one -> one.at("name").text("").equals(target.text("")))
                        .map(one -> one.at("containerPort").number(0))
                        .findFirst()
                        .orElse(0L);
    }

    /** Whether a Sidecar leads the proxy to localhost, as it did before. */
    private static boolean isForwarded(Configuration configuration, Resource pod, long port) {
        return configuration.in(SIDECAR, configuration.namespaceOf(pod)).stream()
                .filter(sidecar -> Selectors.matchesMap(
                        sidecar.spec().at("workloadSelector", "labels").textMap(), pod.labels()))
                .flatMap(sidecar -> sidecar.spec().at("ingress").items().stream())
                .map(ingress -> ingress.at("defaultEndpoint").text(""))
                .anyMatch(endpoint -> endpoint.equals("127.0.0.1:" + port) || endpoint.equals("[::1]:" + port));
    }

    private static Finding finding(
            Configuration configuration, Resource pod, long port, Field field, Resource service) {
        return configuration
                .finding(CODE, pod, field)
                .message(
                        "A container listens on port " + port + " of localhost only, but " + service
                                + " leads there through the sidecar, which connects to the pod's own address: requests get 503.")
                .evidence(
                        "spec.ports",
                        service.toString(),
                        service.spec().at("ports").toString())
                .remedy("Let the container listen on 0.0.0.0:" + port
                        + ", or give its workload a Sidecar with an ingress listener whose defaultEndpoint is 127.0.0.1:"
                        + port)
                .build();
    }
}
