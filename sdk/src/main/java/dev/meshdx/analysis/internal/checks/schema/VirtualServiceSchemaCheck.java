package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.Durations;
import dev.meshdx.configuration.internal.HostNames;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** What a VirtualService must look like. Source: istio/istio, {@code validation/virtualservice.go}, {@code ValidateVirtualService}. */
public final class VirtualServiceSchemaCheck extends SchemaCheck {
    private static final String CLAIMS = "@request.auth.claims";

    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "*");

    private static final Set<String> PSEUDO_HEADERS = Set.of(":method", ":scheme", ":authority", ":path", ":status");

    /**
     * Texts in which percent signs stand in pairs: {@code %%}, {@code %NAME%}, {@code %NAME(arguments)%}. Source: istio/istio,
     * {@code validation/header_value_validator.go}; Envoy docs, "Custom request/response headers".
     */
    private static final Pattern COMMANDS = Pattern.compile(
            "(?:[^%]++|%%|%[^%(]++(?:\\((?:\\s*+\\[\\s*+\"(?:[^\"\\\\]|\\\\.)*+\"\\s*+(?:,\\s*+\"(?:[^\"\\\\]|\\\\.)*+\"\\s*+)*+]\\s*+"
                    + "|(?!\\s*\\[)(?:[^)\\\\]|\\\\.)*+)\\) *+)?+%)*+",
            Pattern.DOTALL);

    /** Those with a name in Go's {@code net/http}. */
    private static final Set<Integer> HTTP_STATUS = Set.of(
            100, 101, 102, 103, 200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 307,
            308, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421,
            422, 423, 424, 425, 426, 428, 429, 431, 451, 500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511);

    private static final Set<String> GRPC_STATUS = Set.of(
            "OK",
            "CANCELLED",
            "UNKNOWN",
            "INVALID_ARGUMENT",
            "DEADLINE_EXCEEDED",
            "NOT_FOUND",
            "ALREADY_EXISTS",
            "PERMISSION_DENIED",
            "RESOURCE_EXHAUSTED",
            "FAILED_PRECONDITION",
            "ABORTED",
            "OUT_OF_RANGE",
            "UNIMPLEMENTED",
            "INTERNAL",
            "UNAVAILABLE",
            "DATA_LOSS",
            "UNAUTHENTICATED");

    private static final Set<String> RETRY_ON = Set.of(
            "5xx",
            "gateway-error",
            "reset",
            "reset-before-request",
            "connect-failure",
            "retriable-4xx",
            "refused-stream",
            "retriable-status-codes",
            "retriable-headers",
            "envoy-ratelimited",
            "http3-post-connect-failure",
            "cancelled",
            "deadline-exceeded",
            "internal",
            "resource-exhausted",
            "unavailable");

    public VirtualServiceSchemaCheck() {
        super(ResourceKind.VIRTUAL_SERVICE, "VirtualService");
    }

    @Override
    void check(Resource resource, String namespace, Field spec, Problems problems) {
        List<Field> hosts = spec.at("hosts").items();
        List<String> gateways = spec.at("gateways").value().texts();
        boolean gatewaysOnly = !gateways.isEmpty() && !gateways.contains("mesh");
        boolean delegate = hosts.isEmpty();
        if (delegate) {
            for (String name : List.of("gateways", "tls", "tcp")) {
                problems.require(
                        spec.at(name).value().size() == 0,
                        spec.at(name),
                        "a VirtualService without hosts is a delegate, which cannot have " + name);
            }
        }
        Values.checkGatewayNames(spec.at("gateways"), problems);
        checkHosts(spec, hosts, gatewaysOnly, problems);
        if (List.of("http", "tcp", "tls").stream()
                .allMatch(name -> spec.at(name).value().size() == 0)) {
            problems.error(spec, "a VirtualService must have at least one of http, tcp and tls");
        }
        for (Field route : spec.at("http").items()) {
            if (route.value().isNull()) {
                problems.error(route, "an HTTP route must not be null");
            } else {
                checkHttp(route, delegate, gatewaysOnly, problems);
            }
        }
        List<String> names = spec.at("hosts").value().texts();
        spec.at("tls").items().forEach(route -> checkTls(route, names, gatewaysOnly, problems));
        spec.at("tcp").items().forEach(route -> checkTcp(route, problems));
        Values.checkExportTo(spec.at("exportTo"), namespace, false, problems);
    }

    private static void checkHosts(Field spec, List<Field> hosts, boolean gatewaysOnly, Problems problems) {
        boolean sni = gatewaysOnly
                && spec.at("tls").items().stream()
                        .flatMap(route -> route.at("match").items().stream())
                        .anyMatch(match -> match.at("sniHosts").value().size() > 0);
        boolean valid = true;
        for (Field host : hosts) {
            String text = host.text();
            if (text.equals("*") && !gatewaysOnly) {
                problems.error(host, "the host \"*\" is allowed only where all gateways are named and mesh is not");
                valid = false;
            } else if (!Values.isWildcardHost(text) && !Values.isIp(text) && !(sni && text.startsWith("outbound_."))) {
                problems.error(host, "\"" + text + "\" is not a host name that Istio accepts");
                valid = false;
            }
        }
        for (int i = 0; valid && i < Math.min(hosts.size(), 1000); i++) {
            for (int j = i + 1; j < Math.min(hosts.size(), 1000); j++) {
                if (HostNames.overlap(hosts.get(i).text(), hosts.get(j).text())) {
                    problems.error(
                            hosts.get(j),
                            "the hosts \"" + hosts.get(i).text() + "\" and \""
                                    + hosts.get(j).text() + "\" overlap");
                }
            }
        }
    }

    private static void checkHttp(Field route, boolean delegate, boolean gatewaysOnly, Problems problems) {
        boolean redirect = route.at("redirect").exists();
        boolean direct = route.at("directResponse").exists();
        boolean destinations = route.at("route").value().size() > 0;
        boolean root = route.at("delegate").exists() && !delegate;
        problems.require(
                root || !route.at("delegate").exists(), route.at("delegate"), "a delegate cannot delegate further");
        if (root) {
            problems.require(!redirect, route.at("redirect"), "a route with a delegate cannot have a redirect");
            problems.require(!destinations, route.at("route"), "a route with a delegate cannot have destinations");
        } else if (redirect) {
            for (String name : List.of("route", "fault", "rewrite", "directResponse")) {
                boolean there =
                        name.equals("route") ? destinations : route.at(name).exists();
                problems.require(!there, route.at(name), "a redirect does not go with " + name);
            }
        } else if (direct) {
            for (String name : List.of("route", "fault", "rewrite")) {
                boolean there =
                        name.equals("route") ? destinations : route.at(name).exists();
                problems.require(!there, route.at(name), "a direct response does not go with " + name);
            }
        } else {
            problems.require(destinations, route, "an HTTP route must have a route, a redirect or a directResponse");
        }
        if (!root) {
            problems.require(
                    !(route.at("mirror").exists() && route.at("mirrors").value().size() > 0),
                    route.at("mirrors"),
                    "a route cannot have both mirror and mirrors");
        }
        route.at("match").items().forEach(match -> checkMatch(match, gatewaysOnly, problems));
        checkHeaders(route.at("headers"), problems);
        checkCors(route.at("corsPolicy"), problems);
        checkFault(route.at("fault"), problems);
        long percent = route.at("mirrorPercent").value().number(0);
        problems.require(percent <= 100, route.at("mirrorPercent"), "mirrorPercent must not be above 100");
        problems.advise(
                !route.at("mirrorPercent").exists(),
                route.at("mirrorPercent"),
                "the field mirrorPercent is deprecated; write mirrorPercentage.value");
        checkMirrors(route, problems);
        checkRedirect(route, problems);
        checkDirectResponse(route.at("directResponse"), problems);
        checkRetries(route.at("retries"), problems);
        checkRewrite(route.at("rewrite"), problems);
        checkAuthority(route, problems);
        checkDestinations(route.at("route"), true, problems);
        Values.checkDuration(route.at("timeout"), problems);
    }

    private static void checkMatch(Field match, boolean gatewaysOnly, Problems problems) {
        for (String list : List.of("headers", "withoutHeaders")) {
            for (Field header : match.at(list).entries()) {
                String name = header.path().substring(match.at(list).path().length() + 1);
                boolean claim = isClaim(name);
                problems.require(
                        !claim || gatewaysOnly,
                        header,
                        "routing by JWT claim works only where all gateways are named and mesh is not");
                problems.require(
                        claim || PSEUDO_HEADERS.contains(name) || Values.isToken(name),
                        header,
                        "\"" + name + "\" is not a header name");
                boolean any = list.equals("withoutHeaders")
                        && header.at("regex").text().equals("*");
                if (!any && !(list.equals("withoutHeaders") && header.value().isNull())) {
                    Values.checkStringMatch(header, problems);
                }
            }
        }
        if (match.at("uri", "regex").exists()) {
            Values.checkRegex(match.at("uri", "regex"), problems);
        }
        for (String name : List.of("scheme", "method", "authority")) {
            if (match.at(name).exists()) {
                Values.checkStringMatch(match.at(name), problems);
            }
        }
        match.at("queryParams").entries().forEach(parameter -> Values.checkStringMatch(parameter, problems));
        checkSource(match, problems.errorsOnly());
    }

    private static boolean isClaim(String header) {
        String lower = header.toLowerCase(Locale.ROOT);
        if (!lower.startsWith(CLAIMS)) {
            return false;
        }
        String rest = lower.substring(CLAIMS.length());
        return (rest.startsWith(".") && rest.length() > 1)
                || (rest.startsWith("[") && rest.endsWith("]") && rest.length() > 2);
    }

    /** What matches of all protocols have in common. */
    private static void checkSource(Field match, Problems problems) {
        if (match.at("port").value().number(0) != 0) {
            Values.checkPort(match.at("port"), problems);
        }
        Values.checkLabels(match.at("sourceLabels"), problems);
        Values.checkGatewayNames(match.at("gateways"), problems);
        String namespace = match.at("sourceNamespace").text();
        problems.require(
                namespace.isEmpty() || Values.isLabel(namespace),
                match.at("sourceNamespace"),
                "\"" + namespace + "\" is not a namespace");
        for (Field subnet : match.at("destinationSubnets").items()) {
            problems.require(
                    Values.isSubnet(subnet.text()),
                    subnet,
                    "\"" + subnet.text() + "\" is not an address or a CIDR block");
        }
    }

    private static void checkHeaders(Field headers, Problems problems) {
        for (String operation : List.of("add", "set")) {
            for (Field header : headers.at("request", operation).entries()) {
                String name = nameOf(header, headers.at("request", operation));
                problems.require(
                        !name.isEmpty() && (!name.startsWith(":") || name.equalsIgnoreCase(":authority")),
                        header,
                        "the header \"" + name + "\" cannot be changed");
                checkHeaderValue(header, problems);
            }
            for (Field header : headers.at("response", operation).entries()) {
                checkRemovable(header, nameOf(header, headers.at("response", operation)), problems);
                checkHeaderValue(header, problems);
            }
        }
        for (String side : List.of("request", "response")) {
            headers.at(side, "remove").items().forEach(header -> checkRemovable(header, header.text(), problems));
        }
    }

    private static String nameOf(Field entry, Field map) {
        return entry.path().substring(map.path().length() + 1);
    }

    private static void checkRemovable(Field header, String name, Problems problems) {
        problems.require(
                !name.isEmpty() && !name.startsWith(":") && !name.equalsIgnoreCase("host"),
                header,
                "the header \"" + name + "\" cannot be changed");
    }

    private static void checkHeaderValue(Field header, Problems problems) {
        problems.require(
                header.text().chars().noneMatch(c -> (c < 0x20 && c != '\t') || c == 0x7f),
                header,
                "a header's value must not have control characters");
        problems.require(
                COMMANDS.matcher(header.text()).matches(),
                header,
                "the header's value " + header.quoted() + " has a \"%\" that begins no %COMMAND% of Envoy; write a"
                        + " percent sign as %%");
    }

    private static void checkCors(Field cors, Problems problems) {
        for (Field origin : cors.at("allowOrigins").items()) {
            boolean something = List.of("exact", "prefix", "regex").stream()
                    .anyMatch(name -> !origin.at(name).text().isEmpty());
            problems.require(something, origin, "an allowed origin must not be empty");
            if (something && origin.at("regex").exists()) {
                Values.checkRegex(origin.at("regex"), problems);
            }
        }
        for (Field method : cors.at("allowMethods").items()) {
            problems.require(
                    METHODS.contains(method.text()), method, "\"" + method.text() + "\" is not an HTTP method");
        }
        for (String name : List.of("allowHeaders", "exposeHeaders")) {
            for (Field header : cors.at(name).items()) {
                problems.require(
                        Values.isToken(header.text()), header, "\"" + header.text() + "\" is not a header name");
            }
        }
        Values.checkDuration(cors.at("maxAge"), problems);
        problems.require(
                Durations.parse(cors.at("maxAge").text())
                                .map(Duration::toNanosPart)
                                .orElse(0)
                        == 0,
                cors.at("maxAge"),
                "maxAge must be whole seconds");
    }

    private static void checkFault(Field fault, Problems problems) {
        if (!fault.exists()) {
            return;
        }
        Field abort = fault.at("abort");
        Field delay = fault.at("delay");
        problems.require(abort.exists() || delay.exists(), fault, "a fault must have an abort or a delay");
        if (abort.exists()) {
            Values.checkPercentage(abort.at("percentage"), problems);
            if (abort.at("httpStatus").exists()) {
                checkStatus(abort.at("httpStatus"), problems);
            }
            String grpc = abort.at("grpcStatus").text();
            problems.require(
                    !abort.at("grpcStatus").exists() || GRPC_STATUS.contains(grpc),
                    abort.at("grpcStatus"),
                    "\"" + grpc + "\" is not a gRPC status");
            problems.require(!abort.at("http2Error").exists(), abort.at("http2Error"), "http2Error is not supported");
        }
        if (delay.exists()) {
            Values.checkPercentage(delay.at("percentage"), problems);
            Values.checkDuration(delay.at("fixedDelay"), problems);
            Values.checkDuration(delay.at("exponentialDelay"), problems);
            problems.require(
                    !delay.at("exponentialDelay").exists(),
                    delay.at("exponentialDelay"),
                    "exponentialDelay is not supported");
        }
    }

    private static void checkStatus(Field status, Problems problems) {
        long code = status.value().number(0);
        problems.require(code >= 200 && code <= 600, status, "HTTP status " + code + " must be between 200 and 599");
    }

    private static void checkMirrors(Field route, Problems problems) {
        if (route.at("mirrorPercentage").exists()) {
            double value = route.at("mirrorPercentage", "value").value().decimal(0);
            problems.require(
                    value >= 0 && value <= 100,
                    route.at("mirrorPercentage"),
                    "mirrorPercentage must be between 0 and 100");
        }
        if (route.at("mirror").exists()) {
            Values.checkDestination(route.at("mirror"), problems);
        }
        for (Field mirror : route.at("mirrors").items()) {
            if (mirror.value().isNull() || !mirror.at("destination").exists()) {
                problems.error(mirror, "a mirror must have a destination");
                continue;
            }
            Values.checkDestination(mirror.at("destination"), problems);
            double value = mirror.at("percentage", "value").value().decimal(0);
            problems.require(
                    value >= 0 && value <= 100,
                    mirror.at("percentage"),
                    "a mirror's percentage must be between 0 and 100");
        }
    }

    /** Only the first problem is told, as upstream does. */
    private static void checkRedirect(Field route, Problems problems) {
        Field redirect = route.at("redirect");
        if (!redirect.exists()) {
            return;
        }
        boolean prefix = !redirect.at("prefixRewrite").text().isEmpty();
        boolean uri = !redirect.at("uri").text().isEmpty();
        long code = redirect.at("redirectCode").value().number(0);
        String scheme = redirect.at("scheme").text();
        long port = redirect.at("port").value().number(0);
        if (uri && prefix) {
            problems.error(redirect, "a redirect cannot have both uri and prefixRewrite");
        } else if (prefix
                && route.at("match").items().stream()
                        .anyMatch(match -> match.at("uri").exists()
                                && !match.at("uri", "prefix").exists())) {
            problems.error(redirect.at("prefixRewrite"), "prefixRewrite needs matches by prefix");
        } else if (!uri
                && !prefix
                && redirect.at("authority").text().isEmpty()
                && !redirect.at("port").exists()
                && !redirect.at("derivePort").exists()
                && scheme.isEmpty()) {
            problems.error(redirect, "a redirect must change the uri, the authority, the port or the scheme");
        } else if (code != 0 && (code < 300 || code > 399)) {
            problems.error(redirect.at("redirectCode"), "redirectCode " + code + " must be between 300 and 399");
        } else if (!scheme.isEmpty() && !scheme.equals("http") && !scheme.equals("https")) {
            problems.error(redirect.at("scheme"), "a redirect's scheme must be http or https");
        } else if (port > 0) {
            Values.checkPort(redirect.at("port"), problems);
        }
    }

    private static void checkDirectResponse(Field response, Problems problems) {
        if (response.exists()) {
            long size = response.at("body", "string").text().getBytes(StandardCharsets.UTF_8).length
                    + response.at("body", "bytes").text().length() * 3L / 4;
            problems.require(
                    size <= 1024 * 1024, response.at("body"), "a direct response's body must not be larger than 1 MiB");
            problems.advise(
                    size <= 100 * 1024 || size > 1024 * 1024,
                    response.at("body"),
                    "a direct response's body of more than 100 KiB is part of every proxy's configuration");
            checkStatus(response.at("status"), problems);
        }
    }

    private static void checkRetries(Field retries, Problems problems) {
        if (!retries.exists()) {
            return;
        }
        long attempts = retries.at("attempts").value().number(0);
        Values.checkNotNegative(retries.at("attempts"), problems);
        if (attempts == 0) {
            for (String name : List.of("perTryTimeout", "retryOn", "retryRemoteLocalities")) {
                boolean there =
                        retries.at(name).exists() && !retries.at(name).text().isEmpty();
                problems.require(!there, retries.at(name), name + " has no meaning while attempts is 0");
            }
        }
        Values.checkDuration(retries.at("perTryTimeout"), problems);
        Values.checkDuration(retries.at("backoff"), problems);
        String on = retries.at("retryOn").text();
        if (!on.isEmpty()) {
            for (String item : on.split(",", -1)) {
                problems.require(
                        RETRY_ON.contains(item)
                                || (item.matches("[1-5][0-9][0-9]") && HTTP_STATUS.contains(Integer.valueOf(item))),
                        retries.at("retryOn"),
                        "\"" + item + "\" is not a condition to retry on");
            }
        }
    }

    /** Only the first problem is told, as upstream does. */
    private static void checkRewrite(Field rewrite, Problems problems) {
        if (!rewrite.exists()) {
            return;
        }
        boolean uri = !rewrite.at("uri").text().isEmpty();
        Field regex = rewrite.at("uriRegexRewrite");
        if (uri && regex.exists()) {
            problems.error(rewrite, "a rewrite cannot have both uri and uriRegexRewrite");
        } else if (!uri && !regex.exists() && rewrite.at("authority").text().isEmpty()) {
            problems.error(rewrite, "a rewrite must have uri, uriRegexRewrite or authority");
        } else if (regex.exists()) {
            if (regex.at("match").text().isEmpty() || regex.at("rewrite").text().isEmpty()) {
                problems.error(regex, "uriRegexRewrite needs match and rewrite");
            } else {
                Values.checkRegex(regex.at("match"), problems);
            }
        }
    }

    private static void checkAuthority(Field route, Problems problems) {
        List<Field> places = new ArrayList<>();
        if (!route.at("rewrite", "authority").text().isEmpty()) {
            places.add(route.at("rewrite", "authority"));
        }
        for (String operation : List.of("set", "add")) {
            Field map = route.at("headers", "request", operation);
            for (Field header : map.entries()) {
                String name = nameOf(header, map);
                if (name.equalsIgnoreCase(":authority") || name.equalsIgnoreCase("host")) {
                    places.add(header);
                }
            }
        }
        problems.require(
                places.size() <= 1,
                places.isEmpty() ? route : places.get(places.size() - 1),
                "the authority is set twice");
    }

    private static void checkDestinations(Field route, boolean http, Problems problems) {
        List<Field> splits = route.items();
        long sum = 0;
        for (Field split : splits) {
            if (split.value().isNull()) {
                problems.error(split, "a destination must not be null");
                continue;
            }
            if (split.at("destination").exists()) {
                Values.checkDestination(split.at("destination"), problems);
            } else {
                problems.error(split.at("destination"), "a route's item must have a destination");
            }
            if (http) {
                checkHeaders(split.at("headers"), problems);
            }
            long weight = split.at("weight").value().number(0);
            problems.require(weight >= 0, split.at("weight"), "a weight must not be negative: " + weight);
            sum += weight;
        }
        problems.require(splits.size() <= 1 || sum != 0, route, "the weights of several destinations add up to 0");
    }

    private static void checkTls(Field route, List<String> hosts, boolean gatewaysOnly, Problems problems) {
        problems.require(route.at("match").value().size() > 0, route.at("match"), "a TLS route must have a match");
        for (Field match : route.at("match").items()) {
            if (match.value().isNull()) {
                problems.error(match, "a TLS match must not be null");
                continue;
            }
            problems.require(
                    match.at("sniHosts").value().size() > 0, match.at("sniHosts"), "a TLS match must have an SNI host");
            for (Field sni : match.at("sniHosts").items()) {
                String name = sni.text();
                if (Values.isIp(name)) {
                    problems.warn(sni, "the SNI host \"" + name + "\" is an address, which clients do not send as SNI");
                    continue;
                }
                boolean generated = gatewaysOnly && name.startsWith("outbound_.");
                if (!generated && !Values.isWildcardHost(name)) {
                    problems.error(sni, "\"" + name + "\" is not a host name that Istio accepts");
                } else {
                    problems.require(
                            hosts.stream().anyMatch(host -> HostNames.covers(host, name)),
                            sni,
                            "the SNI host \"" + name + "\" is not among the VirtualService's hosts");
                }
            }
            checkSource(match, problems);
        }
        problems.require(
                route.at("route").value().size() > 0, route.at("route"), "a TLS route must have a destination");
        checkDestinations(route.at("route"), false, problems);
    }

    private static void checkTcp(Field route, Problems problems) {
        for (Field match : route.at("match").items()) {
            if (match.value().isNull()) {
                problems.error(match, "a TCP match must not be null");
            } else {
                checkSource(match, problems.errorsOnly());
            }
        }
        problems.require(
                route.at("route").value().size() > 0, route.at("route"), "a TCP route must have a destination");
        checkDestinations(route.at("route"), false, problems);
    }
}
