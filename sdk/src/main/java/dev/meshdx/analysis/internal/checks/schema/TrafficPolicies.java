package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.Durations;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
        for (String name : List.of("localityLbSetting", "zoneAwareLbSetting")) {
            for (String list : List.of("failover", "failoverPriority")) {
                Field failover = balancer.at(name, list);
                problems.advise(
                        failover.value().size() == 0, failover, "a failover between localities needs outlierDetection");
            }
        }
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
        if (!locality.exists()) {
            return;
        }
        List<Field> distribute = locality.at("distribute").items();
        List<Field> failover = locality.at("failover").items();
        problems.require(distribute.isEmpty() || failover.isEmpty(), locality, "distribute does not go with failover");
        for (Field one : distribute) {
            Map<String, Long> weights = new HashMap<>();
            for (Field target : one.at("to").entries()) {
                long weight = target.value().number(0);
                problems.require(weight >= 1 && weight <= 100, target, "a locality's weight must be between 1 and 100");
                weights.put(target.path(), weight);
            }
            problems.require(
                    weights.values().stream().mapToLong(Long::longValue).sum() == 100,
                    one.at("to"),
                    "the weights of localities must add up to 100");
        }
        for (Field one : failover) {
            String from = one.at("from").text();
            String to = one.at("to").text();
            problems.require(!from.equals(to), one, "a failover must lead to another region");
            problems.require(
                    !(from + to).contains("/") && !(from + to).contains("*"),
                    one,
                    "a failover names regions only, without zones and wildcards");
        }
    }
}
