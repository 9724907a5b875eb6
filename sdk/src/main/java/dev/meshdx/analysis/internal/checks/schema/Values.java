package dev.meshdx.analysis.internal.checks.schema;

import com.google.re2j.PatternSyntaxException;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.Durations;
import dev.meshdx.model.Json;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Rules for single values that several kinds share. Source: istio/istio, {@code pkg/config/validation} and {@code labels}. */
final class Values {
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?");
    private static final Pattern WILDCARD_LABEL =
            Pattern.compile("(\\*|(\\*|\\*-)?[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?");
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");
    private static final Pattern IPV4 = Pattern.compile("((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\\.(?!$)|$)){4}");

    static final Set<String> PROTOCOLS = Set.of(
            "tcp", "udp", "grpc", "grpc-web", "http", "http_proxy", "http2", "https", "tls", "mongo", "redis", "mysql");
    private static final Set<String> HTTP = Set.of("http", "http2", "http_proxy", "grpc", "grpc-web");
    private static final Set<String> TLS = Set.of("https", "tls");
    private static final Set<String> TCP = Set.of("tcp", "https", "tls", "mongo", "redis", "mysql");

    private Values() {}

    static boolean isLabel(String text) {
        return LABEL.matcher(text).matches();
    }

    static boolean isHostName(String text) {
        if (text.isEmpty() || text.length() > 255) {
            return false;
        }
        String[] labels = text.split("\\.", -1);
        int last = labels.length - 1;
        if (labels[last].isEmpty() && last > 0) {
            last--;
        }
        for (int i = 0; i <= last; i++) {
            if (!isLabel(labels[i])) {
                return false;
            }
        }
        return !labels[last].chars().allMatch(Character::isDigit);
    }

    static boolean isWildcardHost(String text) {
        if (text.isEmpty() || text.length() > 255) {
            return false;
        }
        int dot = text.indexOf('.');
        String first = dot < 0 ? text : text.substring(0, dot);
        return first.length() <= 63
                && WILDCARD_LABEL.matcher(first).matches()
                && (dot < 0 || isHostName(text.substring(dot + 1)));
    }

    static boolean isPartialWildcard(String text) {
        return text.contains("*") && text.length() > 1 && !text.startsWith("*.");
    }

    static boolean isIp(String text) {
        return IPV4.matcher(text).matches() || isIpv6(text);
    }

    private static boolean isIpv6(String text) {
        if (!text.contains(":") || text.contains(":::") || text.length() > 45) {
            return false;
        }
        int gap = text.indexOf("::");
        if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
            return false;
        }
        int groups = 0;
        for (String half : gap < 0 ? List.of(text) : List.of(text.substring(0, gap), text.substring(gap + 2))) {
            if (half.isEmpty()) {
                continue;
            }
            String[] parts = half.split(":", -1);
            for (int i = 0; i < parts.length; i++) {
                if (i == parts.length - 1 && IPV4.matcher(parts[i]).matches()) {
                    groups += 2;
                } else if (parts[i].matches("[0-9a-fA-F]{1,4}")) {
                    groups++;
                } else {
                    return false;
                }
            }
        }
        return gap < 0 ? groups == 8 : groups < 8;
    }

    static boolean isSubnet(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || text.indexOf('/', slash + 1) >= 0) {
            return isIp(text);
        }
        String address = text.substring(0, slash);
        String bits = text.substring(slash + 1);
        return isIp(address)
                && bits.matches("[0-9]{1,3}")
                && Integer.parseInt(bits) <= (address.contains(":") ? 128 : 32);
    }

    static boolean isPort(long number) {
        return number >= 1 && number <= 65535;
    }

    static boolean isUnixPath(String text) {
        return text.startsWith("@") || (text.startsWith("/") && !text.endsWith("/"));
    }

    static boolean isToken(String text) {
        return TOKEN.matcher(text).matches();
    }

    static boolean isHttp(String protocol) {
        return HTTP.contains(protocol.toLowerCase(Locale.ROOT));
    }

    static boolean isTls(String protocol) {
        return TLS.contains(protocol.toLowerCase(Locale.ROOT));
    }

    static boolean isTcp(String protocol) {
        return TCP.contains(protocol.toLowerCase(Locale.ROOT));
    }

    static boolean isProtocol(String protocol) {
        return PROTOCOLS.contains(protocol.toLowerCase(Locale.ROOT));
    }

    /** A duration as Go writes it: {@code 1.5s}, {@code 1h30m}, {@code 0}. */
    static Optional<Duration> duration(String text) {
        return Durations.of(text);
    }

    static void checkDuration(Field field, Problems problems) {
        if (!field.exists()) {
            return;
        }
        Duration duration = duration(field.text()).orElse(Duration.ZERO);
        problems.require(
                duration.toMillis() >= 1 && duration.toNanosPart() % 1_000_000 == 0,
                field,
                "duration " + field.quoted() + " must be at least 1ms and a whole number of milliseconds");
    }

    static void checkPort(Field field, Problems problems) {
        long port = field.value().number(0);
        problems.require(isPort(port), field, "port number " + port + " must be between 1 and 65535");
    }

    static void checkWildcardHost(Field field, Problems problems) {
        problems.require(
                isWildcardHost(field.text()), field, "\"" + field.text() + "\" is not a host name that Istio accepts");
    }

    static void checkRegex(Field field, Problems problems) {
        String text = field.text();
        if (text.isEmpty()) {
            problems.error(field, "a regular expression must not be empty");
        } else if (text.length() > 1024) {
            problems.error(field, "a regular expression must not be longer than 1024 bytes");
        } else {
            try {
                var unused = com.google.re2j.Pattern.compile(text);
            } catch (PatternSyntaxException e) {
                problems.error(field, "\"" + text + "\" is not a valid RE2 expression: " + e.getDescription());
            }
        }
    }

    static void checkStringMatch(Field match, Problems problems) {
        if (match.value().isNull()) {
            problems.error(match, "a match must not be null");
        }
        if (match.at("prefix").exists()) {
            problems.require(!match.at("prefix").text().isEmpty(), match.at("prefix"), "a prefix must not be empty");
        }
        if (match.at("regex").exists()) {
            checkRegex(match.at("regex"), problems);
        }
    }

    /** Labels by which Istio selects. */
    static void checkLabels(Field labels, Problems problems) {
        for (Field label : labels.entries()) {
            String key = label.path().substring(labels.path().length() + 1);
            int slash = key.indexOf('/');
            String name = key.substring(slash + 1);
            problems.require(
                    name.length() <= 63
                            && TAG.matcher(name).matches()
                            && (slash < 0 || (slash <= 253 && isHostName(key.substring(0, slash)))),
                    label,
                    "\"" + key + "\" is not a valid label key");
            problems.require(
                    label.text().isEmpty() || TAG.matcher(label.text()).matches(),
                    label,
                    "\"" + label.text() + "\" is not a valid label value");
        }
    }

    /** A selector of workloads. Returns whether it is fine. */
    static boolean checkSelector(Field labels, Problems problems) {
        boolean fine = true;
        for (Field label : labels.entries()) {
            String key = label.path().substring(labels.path().length() + 1);
            if (key.isEmpty()) {
                problems.error(label, "a selector's key must not be empty");
                fine = false;
            }
            if (key.contains("*") || label.text().contains("*")) {
                problems.error(label, "a selector does not know wildcards: " + key + "=" + label.text());
                fine = false;
            }
        }
        return fine;
    }

    /** A selector that selects nothing in particular; upstream asks whether that is meant. */
    static void adviseLabels(Field selector, String pairs, Problems problems) {
        problems.advise(
                !selector.exists() || selector.at(pairs).value().size() > 0,
                selector,
                "the selector is there but has no labels, so it selects all workloads");
    }

    static void checkAttachment(Field spec, Problems problems) {
        List<String> given = List.of("selector", "targetRef", "targetRefs").stream()
                .filter(name -> name.equals("targetRefs")
                        ? spec.at(name).value().size() > 0
                        : spec.at(name).exists())
                .toList();
        problems.require(
                given.size() <= 1, spec, "only one of selector, targetRef and targetRefs is allowed, not " + given);
        checkSelector(spec.at("selector", "matchLabels"), problems);
        adviseLabels(spec.at("selector"), "matchLabels", problems);
        if (spec.at("targetRef").exists()) {
            checkTarget(spec.at("targetRef"), problems);
        }
        spec.at("targetRefs").items().forEach(target -> checkTarget(target, problems));
    }

    private static void checkTarget(Field target, Problems problems) {
        problems.require(!target.at("name").text().isEmpty(), target.at("name"), "a target must have a name");
        problems.require(
                target.at("namespace").text().isEmpty(),
                target.at("namespace"),
                "a target must be in the policy's own namespace");
        String group = target.at("group").text();
        String kind =
                (group.isEmpty() ? "core" : group) + "/" + target.at("kind").text();
        problems.require(
                Set.of(
                                "core/Service",
                                "networking.istio.io/ServiceEntry",
                                "gateway.networking.k8s.io/Gateway",
                                "gateway.networking.k8s.io/GatewayClass")
                        .contains(kind),
                target.at("kind"),
                "a target cannot be a " + kind);
    }

    static void checkExportTo(Field exportTo, String namespace, boolean none, Problems problems) {
        Set<String> seen = new HashSet<>();
        for (Field item : exportTo.items()) {
            String text = item.text();
            String meant = text.equals(".") ? namespace : text;
            problems.require(seen.add(meant), item, "exportTo has \"" + text + "\" twice");
            boolean special = text.equals(".") || text.equals("*") || (none && text.equals("~"));
            problems.require(special || isLabel(text), item, "exportTo has \"" + text + "\", which is not a namespace");
        }
        if (seen.size() > 1) {
            problems.require(!seen.contains("*"), exportTo, "exportTo with \"*\" must not have anything else");
            problems.require(!none || !seen.contains("~"), exportTo, "exportTo with \"~\" must not have anything else");
        }
    }

    static void checkGatewayNames(Field gateways, Problems problems) {
        for (Field item : gateways.items()) {
            String text = item.text();
            int slash = text.indexOf('/');
            if (slash < 0) {
                problems.require(isHostName(text), item, "\"" + text + "\" is not the name of a gateway");
                if (text.contains(".")) {
                    problems.warn(item, "\"" + text + "\" is the old form of a gateway's name; write NAMESPACE/NAME");
                    return;
                }
                continue;
            }
            problems.require(
                    isLabel(text.substring(0, slash)) && isLabel(text.substring(slash + 1)),
                    item,
                    "\"" + text + "\" is not of the form NAMESPACE/NAME");
        }
    }

    static void checkDestination(Field destination, Problems problems) {
        Field host = destination.at("host");
        problems.require(!host.text().equals("*"), host, "a destination's host must not be \"*\"");
        checkWildcardHost(host, problems);
        Field subset = destination.at("subset");
        if (!subset.text().isEmpty()) {
            problems.require(
                    isLabel(subset.text()), subset, "\"" + subset.text() + "\" is not a valid name of a subset");
        }
        if (destination.at("port").exists()) {
            checkPort(destination.at("port", "number"), problems);
        }
    }

    static void checkPercentage(Field percentage, Problems problems) {
        double value = percentage.at("value").value().decimal(0);
        problems.require(
                value == 0 || (value >= 0.0001 && value <= 100),
                percentage,
                "percentage " + value + " must be 0, or between 0.0001 and 100");
    }

    static void checkNotNegative(Field field, Problems problems) {
        problems.require(field.value().number(0) >= 0, field, field.name() + " must not be negative");
    }

    static void checkNotNull(Field item, String what, Problems problems) {
        problems.require(!item.value().isNull(), item, what + " must not be null");
    }

    static boolean isTrue(Json value) {
        return value.bool(false);
    }
}
