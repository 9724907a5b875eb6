package dev.meshdx.analysis.internal.checks.schema;

import static dev.meshdx.model.ResourceKind.POD;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.Durations;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Yaml;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Annotations of pods whose value cannot be used. Source: istio/istio, {@code pkg/kube/inject/validate.go} and
 * {@code pkg/config/validation/agent}; Istio, "Resource Annotations". All that have a rule belong on pods.
 */
public final class AnnotationValueCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0125", "InvalidAnnotation", Severity.WARNING, "The value of an annotation cannot be used.");

    private static final String PROXY_CONFIG = "proxy.istio.io/config";

    /** Source: Kubernetes, "Quantity". */
    private static final Pattern QUANTITY = Pattern.compile(
            "[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)" + "(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?[0-9]+)?");

    /** Linux knows interfaces of up to 15 characters, without slashes and spaces. */
    private static final Pattern INTERFACE = Pattern.compile("[^/\\s\\p{Cntrl}]{1,15}");

    private record Rule(Predicate<String> allows, String wanted) {}

    private static final Rule COUNT =
            new Rule(value -> isNumber(value, 4_294_967_295L), "a whole number between 0 and 4294967295");
    private static final Rule QUANTITIES =
            new Rule(value -> QUANTITY.matcher(value).matches(), "a quantity such as 100m or 128Mi");
    private static final Rule PORTS = new Rule(
            value -> value.isEmpty() || items(value).allMatch(item -> isNumber(item.trim(), 65535)),
            "port numbers separated by commas");
    private static final Rule PORTS_OR_ALL = new Rule(
            value -> value.equals("*") || PORTS.allows().test(value), "\"*\", or port numbers separated by commas");
    private static final Rule RANGES = new Rule(
            value -> value.isEmpty() || items(value).allMatch(item -> item.contains("/") && Values.isSubnet(item)),
            "CIDR blocks separated by commas, without spaces");
    private static final Rule RANGES_OR_ALL = new Rule(
            value -> value.equals("*") || RANGES.allows().test(value),
            "\"*\", or CIDR blocks separated by commas, without spaces");
    private static final Rule INTERFACES = new Rule(
            value -> value.isEmpty()
                    || items(value)
                            .allMatch(item -> INTERFACE.matcher(item.trim()).matches()),
            "names of network interfaces separated by commas");

    private static final Map<String, Rule> RULES = Map.ofEntries(
            Map.entry("istio.io/reroute-virtual-interfaces", INTERFACES),
            Map.entry(
                    "prometheus.istio.io/merge-metrics",
                    new Rule(
                            Set.of("1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False")
                                    ::contains,
                            "true or false")),
            Map.entry("readiness.status.sidecar.istio.io/failureThreshold", COUNT),
            Map.entry("readiness.status.sidecar.istio.io/initialDelaySeconds", COUNT),
            Map.entry("readiness.status.sidecar.istio.io/periodSeconds", COUNT),
            Map.entry(
                    "sidecar.istio.io/interceptionMode",
                    new Rule(Set.of("REDIRECT", "TPROXY", "NONE")::contains, "REDIRECT, TPROXY or NONE")),
            Map.entry("sidecar.istio.io/proxyCPU", QUANTITIES),
            Map.entry("sidecar.istio.io/proxyCPULimit", QUANTITIES),
            Map.entry("sidecar.istio.io/proxyMemory", QUANTITIES),
            Map.entry("sidecar.istio.io/proxyMemoryLimit", QUANTITIES),
            Map.entry(
                    "status.sidecar.istio.io/port",
                    new Rule(value -> isNumber(value.trim(), 65535), "a port number between 0 and 65535")),
            Map.entry("traffic.sidecar.istio.io/excludeInboundPorts", PORTS),
            Map.entry("traffic.sidecar.istio.io/excludeInterfaces", INTERFACES),
            Map.entry("traffic.sidecar.istio.io/excludeOutboundIPRanges", RANGES),
            Map.entry("traffic.sidecar.istio.io/excludeOutboundPorts", PORTS),
            Map.entry("traffic.sidecar.istio.io/includeInboundPorts", PORTS_OR_ALL),
            Map.entry("traffic.sidecar.istio.io/includeOutboundIPRanges", RANGES_OR_ALL),
            Map.entry("traffic.sidecar.istio.io/kubevirtInterfaces", INTERFACES));

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(POD);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource pod : configuration.all(POD)) {
            pod.annotations().forEach((name, value) -> {
                Rule rule = RULES.get(name);
                if (rule != null && !rule.allows().test(value)) {
                    report(configuration, pod, name, "it must be " + rule.wanted(), value, report);
                } else if (name.equals(PROXY_CONFIG)) {
                    checkProxyConfig(configuration, pod, value, report);
                }
            });
        }
    }

    private static java.util.stream.Stream<String> items(String value) {
        return List.of(value.split(",", -1)).stream();
    }

    private static boolean isNumber(String text, long max) {
        return text.matches("[0-9]{1,10}") && Long.parseLong(text) <= max;
    }

    private static void report(
            Configuration configuration,
            Resource pod,
            String name,
            String problem,
            String quoted,
            Consumer<Finding> report) {
        report.accept(configuration
                .finding(CODE, pod, new Field("metadata.annotations." + name, Json.of(quoted)))
                .message("The value of annotation \"" + name + "\" cannot be used: " + problem + ".")
                .remedy("Correct it in the template of the pod (kubectl "
                        + (pod.namespace().isEmpty() ? "" : "-n " + pod.namespace() + " ")
                        + "get pod " + pod.name()
                        + " -o jsonpath={.metadata.ownerReferences}), and let the pod be created"
                        + " anew")
                .build());
    }

    /** Only the fields in question are quoted: a proxy's configuration may hold a token. */
    private static void checkProxyConfig(
            Configuration configuration, Resource pod, String text, Consumer<Finding> report) {
        Problems problems = new Problems();
        try {
            Field config = new Field("config", Yaml.read(text));
            Shapes.check("MeshProxyConfig", config, problems);
            if (problems.isEmpty()) {
                checkProxyConfig(config, problems);
            }
        } catch (MeshProtocolException e) {
            problems.error(new Field("config", Json.of("not YAML")), "it is not YAML");
        }
        if (!problems.isEmpty()) {
            List<String> fields = new ArrayList<>();
            problems.byMessage()
                    .values()
                    .forEach(same -> same.forEach(field -> fields.add(field.path() + ": " + field.quoted())));
            report(
                    configuration,
                    pod,
                    PROXY_CONFIG,
                    String.join("; ", problems.byMessage().keySet()),
                    String.join(", ", fields),
                    report);
        }
    }

    private static void checkProxyConfig(Field config, Problems problems) {
        Field drain = config.at("drainDuration");
        Values.checkDuration(drain, problems);
        problems.require(
                Durations.parse(drain.text()).map(Duration::toNanosPart).orElse(0) == 0,
                drain,
                "drainDuration must be whole seconds");
        checkAddress(config.at("discoveryAddress"), problems);
        checkAddress(config.at("statsdUdpAddress"), problems);
        checkAddress(config.at("envoyMetricsService", "address"), problems);
        checkAddress(config.at("envoyAccessLogService", "address"), problems);
        checkAddress(config.at("tracing", "zipkin", "address"), problems);
        checkAddress(config.at("tracing", "lightstep", "address"), problems);
        checkAddress(config.at("tracing", "datadog", "address"), problems);
        for (String name : List.of("proxyAdminPort", "statusPort")) {
            if (config.at(name).value().number(0) != 0) {
                Values.checkPort(config.at(name), problems);
            }
        }
    }

    private static void checkAddress(Field address, Problems problems) {
        String text = address.text();
        if (text.isEmpty() || text.startsWith("$(")) {
            return;
        }
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        String bare = bracketed ? host.substring(1, host.length() - 1) : host;
        String port = text.substring(colon + 1);
        problems.require(
                (Values.isHostName(bare) || (Values.isIp(bare) && bracketed == bare.contains(":")))
                        && port.matches("[0-9]{1,5}")
                        && Values.isPort(Long.parseLong(port)),
                address,
                "\"" + text + "\" is not of the form HOST:PORT");
    }
}
