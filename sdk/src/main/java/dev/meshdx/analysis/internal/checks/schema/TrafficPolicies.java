package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.Durations;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Rules for traffic policies and connection pools. */
final class TrafficPolicies {
    private static final List<String> PARTS = List.of(
            "outlierDetection",
            "connectionPool",
            "loadBalancer",
            "tls",
            "portLevelSettings",
            "tunnel",
            "proxyProtocol",
            "retryBudget");

    private static final Set<String> TOPOLOGY =
            Set.of("topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone");

    private TrafficPolicies() {}

    static void check(Field policy, String namespace, Problems problems) {
        if (!policy.exists()) {
            return;
        }
        if (PARTS.stream().noneMatch(part -> policy.at(part).exists())) {
            problems.error(policy, "a traffic policy must set at least one of " + String.join(", ", PARTS));
            return;
        }
        if (policy.at("tunnel").exists() && policy.at("proxyProtocol").exists()) {
            problems.error(policy, "a traffic policy must not set both tunnel and proxyProtocol");
            return;
        }
        checkParts(policy, namespace, problems);
        for (Field port : policy.at("portLevelSettings").items()) {
            if (port.value().isNull()) {
                problems.error(port, "settings of a port must not be null");
                continue;
            }
            problems.require(port.at("port").exists(), port.at("port"), "settings of a port must name the port");
            problems.require(
                    PARTS.subList(0, 4).stream().anyMatch(part -> port.at(part).exists()),
                    port,
                    "settings of a port must set at least one of " + String.join(", ", PARTS.subList(0, 4)));
            checkParts(port, namespace, problems.errorsOnly());
        }
        Field tunnel = policy.at("tunnel");
        if (tunnel.exists()) {
            problems.require(
                    List.of("", "CONNECT", "POST")
                            .contains(tunnel.at("protocol").text()),
                    tunnel.at("protocol"),
                    "a tunnel's protocol must be CONNECT or POST");
            String host = tunnel.at("targetHost").text();
            problems.require(
                    Values.isHostName(host) || Values.isIp(host),
                    tunnel.at("targetHost"),
                    "a tunnel's targetHost must be a host name or an address");
            Values.checkPort(tunnel.at("targetPort"), problems);
        }
    }

    private static void checkParts(Field policy, String namespace, Problems problems) {
        checkOutliers(policy.at("outlierDetection"), problems);
        checkPool(policy.at("connectionPool"), problems);
        checkLoadBalancer(policy.at("loadBalancer"), problems);
        if (!policy.at("outlierDetection").exists()) {
            adviseOutliers(policy.at("loadBalancer"), problems);
        }
        Tls.checkClient(policy.at("tls"), namespace, problems);
    }

    /** Without it nobody notices that endpoints fail. Source: Istio, "Locality Load Balancing". */
    private static void adviseOutliers(Field balancer, Problems problems) {
        Field locality = balancer.at("localityLbSetting");
        for (String list : List.of("failover", "failoverPriority")) {
            problems.advise(
                    locality.at(list).value().size() == 0,
                    locality.at(list),
                    "a failover between localities needs outlierDetection");
        }
        problems.advise(
                !balancer.at("zoneAwareLbSetting").exists(),
                balancer.at("zoneAwareLbSetting"),
                "zoneAwareLbSetting needs outlierDetection");
    }

    private static void checkOutliers(Field outliers, Problems problems) {
        if (!outliers.exists()) {
            return;
        }
        problems.advise(
                outliers.at("consecutiveErrors").value().number(0) == 0,
                outliers.at("consecutiveErrors"),
                "the field consecutiveErrors is deprecated; write consecutiveGatewayErrors or consecutive5xxErrors");
        Values.checkDuration(outliers.at("baseEjectionTime"), problems);
        Values.checkDuration(outliers.at("interval"), problems);
        for (String name : List.of("maxEjectionPercent", "minHealthPercent")) {
            long percent = outliers.at(name).value().number(0);
            problems.require(percent >= 0 && percent <= 100, outliers.at(name), name + " must be between 0 and 100");
        }
        problems.require(
                outliers.at("consecutiveLocalOriginFailures").value().number(0) <= 0
                        || Values.isTrue(
                                outliers.at("splitExternalLocalOriginErrors").value()),
                outliers.at("consecutiveLocalOriginFailures"),
                "consecutiveLocalOriginFailures needs splitExternalLocalOriginErrors");
    }

    static void checkPool(Field pool, Problems problems) {
        if (!pool.exists()) {
            return;
        }
        Field http = pool.at("http");
        Field tcp = pool.at("tcp");
        if (!http.exists() && !tcp.exists()) {
            problems.error(pool, "a connection pool must set http or tcp");
            return;
        }
        for (String name : List.of(
                "http1MaxPendingRequests",
                "http2MaxRequests",
                "maxRequestsPerConnection",
                "maxRetries",
                "maxConcurrentStreams")) {
            Values.checkNotNegative(http.at(name), problems);
        }
        Values.checkDuration(http.at("idleTimeout"), problems);
        problems.require(
                !(Values.isTrue(http.at("useClientProtocol").value())
                        && http.at("h2UpgradePolicy").text().equals("UPGRADE")),
                http.at("useClientProtocol"),
                "useClientProtocol does not go with h2UpgradePolicy UPGRADE");
        Field keepAlive = http.at("http2KeepAlive");
        if (keepAlive.exists()) {
            for (String name : List.of("interval", "timeout")) {
                problems.require(
                        keepAlive.at(name).exists(), keepAlive.at(name), "http2KeepAlive needs interval and timeout");
                Values.checkDuration(keepAlive.at(name), problems);
            }
        }
        Values.checkNotNegative(tcp.at("maxConnections"), problems);
        Values.checkDuration(tcp.at("connectTimeout"), problems);
        Values.checkDuration(tcp.at("maxConnectionDuration"), problems);
        Values.checkDuration(tcp.at("tcpKeepalive", "time"), problems);
        Values.checkDuration(tcp.at("tcpKeepalive", "interval"), problems);
        if (!Durations.parse(tcp.at("idleTimeout").text())
                .map(java.time.Duration::isZero)
                .orElse(true)) {
            Values.checkDuration(tcp.at("idleTimeout"), problems);
        }
    }

    private static void checkLoadBalancer(Field balancer, Problems problems) {
        Field hash = balancer.at("consistentHash");
        Field cookie = hash.at("httpCookie");
        problems.require(
                !cookie.exists() || !cookie.at("name").text().isEmpty(),
                cookie.at("name"),
                "a cookie must have a name");
        Set<String> attributes = new HashSet<>();
        for (Field attribute : cookie.at("attributes").items()) {
            String name = attribute.at("name").text();
            problems.require(!name.isEmpty(), attribute, "an attribute of a cookie must have a name");
            problems.require(
                    name.isEmpty() || attributes.add(name),
                    attribute,
                    "the cookie's attribute " + name + " is there twice");
        }
        problems.require(
                !(hash.at("minimumRingSize").value().number(0) != 0
                        && (hash.at("ringHash").exists() || hash.at("maglev").exists())),
                hash,
                "minimumRingSize does not go with ringHash or maglev");
        problems.advise(
                hash.at("minimumRingSize").value().number(0) == 0,
                hash.at("minimumRingSize"),
                "the field minimumRingSize is deprecated; write ringHash.minimumRingSize");
        Field maglev = hash.at("maglev");
        if (maglev.exists()) {
            long size = maglev.at("tableSize").value().number(0);
            problems.require(
                    size > 0 && size < 5_000_011 && BigInteger.valueOf(size).isProbablePrime(30),
                    maglev.at("tableSize"),
                    "maglev's tableSize must be a prime number below 5000011");
        }
        problems.require(
                !(balancer.at("localityLbSetting").exists()
                        && balancer.at("zoneAwareLbSetting").exists()),
                balancer,
                "localityLbSetting does not go with zoneAwareLbSetting");
        checkLocality(balancer.at("localityLbSetting"), problems);
        checkZones(balancer.at("zoneAwareLbSetting"), problems);
        Field warmup = balancer.at("warmup");
        if (warmup.exists()) {
            problems.require(warmup.at("duration").exists(), warmup.at("duration"), "warmup needs a duration");
            Values.checkDuration(warmup.at("duration"), problems);
            problems.require(
                    warmup.at("minimumPercent").value().decimal(0) <= 100,
                    warmup.at("minimumPercent"),
                    "warmup's minimumPercent must not be above 100");
            problems.require(
                    !warmup.at("aggression").exists()
                            || warmup.at("aggression").value().decimal(1) > 0,
                    warmup.at("aggression"),
                    "warmup's aggression must be above 0");
        }
    }

    private static void checkLocality(Field locality, Problems problems) {
        List<Field> distribute = locality.at("distribute").items();
        problems.require(
                distribute.isEmpty() || locality.at("failover").items().isEmpty(),
                locality,
                "distribute does not go with failover");
        List<Field> priority = locality.at("failoverPriority").items();
        if (!locality.at("failover").items().isEmpty()) {
            requireNoTopology(priority, "failoverPriority with the label %s does not go with failover", problems);
        }
        for (Field one : distribute) {
            List<Field> targets = one.at("to").entries();
            long sum = 0;
            for (Field target : targets) {
                long weight = target.value().number(0);
                problems.require(weight >= 1 && weight <= 100, target, "a locality's weight must be between 1 and 100");
                sum += weight;
            }
            problems.require(sum == 100, one.at("to"), "the weights of localities must add up to 100");
            checkLocalities(
                    targets.stream()
                            .map(target ->
                                    target.path().substring(one.at("to").path().length() + 1))
                            .toList(),
                    one.at("to"),
                    problems);
        }
        checkLocalities(
                distribute.stream().map(one -> one.at("from").text()).toList(), locality.at("distribute"), problems);
        checkFailover(locality.at("failover").items(), problems);
    }

    private static void checkZones(Field zones, Problems problems) {
        requireNoTopology(
                zones.at("failoverPriority").items(),
                "failoverPriority with the label %s does not go with zoneAwareLbSetting",
                problems);
        checkFailover(zones.at("failover").items(), problems);
    }

    /** These labels say what the other settings say too. Source: Kubernetes, "Well-Known Labels"; Istio's subzone. */
    private static void requireNoTopology(List<Field> priority, String message, Problems problems) {
        for (Field item : priority) {
            // Either the label, or the label and a value.
            String text = item.text();
            String label = text.contains("=") ? text.substring(0, text.indexOf('=')) : text;
            problems.require(!TOPOLOGY.contains(label), item, String.format(Locale.ROOT, message, label));
        }
    }

    private static void checkFailover(List<Field> failover, Problems problems) {
        for (Field one : failover) {
            String from = one.at("from").text();
            String to = one.at("to").text();
            problems.require(!from.equals(to), one, "a failover must lead to another region");
            problems.require(
                    !(from + to).contains("/"), one, "a failover names regions only, without zones and subzones");
            problems.require(!(from + to).contains("*"), one, "a failover's region must not have a wildcard");
        }
    }

    /** Localities as {@code region/zone/subzone}, each of which stands for all that it begins. The first problem only. */
    private static void checkLocalities(List<String> localities, Field field, Problems problems) {
        List<List<String>> seen = new ArrayList<>();
        for (String locality : localities) {
            int star = locality.indexOf('*');
            if (star >= 0 && star < locality.length() - 1) {
                problems.error(field, "locality " + locality + " may have one \"*\", at its end");
                return;
            }
            List<String> parts = new ArrayList<>(List.of(locality.split("/", 3)));
            if (parts.contains("")) {
                problems.error(field, "locality \"" + locality + "\" has an empty region, zone or subzone");
                return;
            }
            parts.remove("*");
            for (List<String> other : seen) {
                int common = Math.min(parts.size(), other.size());
                if (parts.subList(0, common).equals(other.subList(0, common))) {
                    problems.error(field, "locality " + locality + " overlaps with another one of the list");
                    return;
                }
            }
            seen.add(parts);
        }
    }
}
