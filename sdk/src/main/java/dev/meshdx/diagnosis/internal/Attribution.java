package dev.meshdx.diagnosis.internal;

import dev.meshdx.finding.Evidence;
import dev.meshdx.finding.Finding;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Hosts;
import dev.meshdx.source.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Names the resource behind what a log can only describe: the DestinationRule that sets a limit, the VirtualService that
 * injects a fault or sets a timeout, the EnvoyFilter that limits a rate, the ServiceEntry of an address outside. Reads the
 * kind only when a finding asks for it; where it cannot be read the finding stays as it is.
 */
final class Attribution {
    private static final Pattern CLUSTER = Pattern.compile("(?:out|in)bound\\|(\\d*)\\|([^|\\s]*)\\|([^|\\s\"',;)]*)");

    private final Session session;

    private Attribution(Session session) {
        this.session = session;
    }

    static List<Finding> attribute(Session session, List<Finding> findings) {
        Attribution attribution = new Attribution(session);
        return findings.stream().map(attribution::attribute).toList();
    }

    private Finding attribute(Finding finding) {
        String host = host(finding);
        return switch (finding.code()) {
            case "MDX0406" ->
                named(
                        finding,
                        "The limits are set by",
                        host.isEmpty() ? null : forHost(ResourceKind.DESTINATION_RULE, host, "connectionPool"),
                        "connectionPool");
            case "MDX0407" ->
                named(
                        finding,
                        "The timeout is set by",
                        host.isEmpty() ? null : forHost(ResourceKind.VIRTUAL_SERVICE, host, "timeout"),
                        "timeout");
            case "MDX0410" ->
                named(
                        finding,
                        "The fault is injected by",
                        host.isEmpty() ? null : forHost(ResourceKind.VIRTUAL_SERVICE, host, "fault"),
                        "fault");
            case "MDX0409" -> named(finding, "The limit is set by", rateLimit(finding), "rate limit");
            case "MDX0401" ->
                named(
                        finding,
                        "The address comes from",
                        host.isEmpty() ? null : forHost(ResourceKind.SERVICE_ENTRY, host, ""),
                        "endpoints");
            default -> finding;
        };
    }

    /** The host of the first Envoy cluster that the finding quotes. */
    private static String host(Finding finding) {
        for (Evidence evidence : finding.evidence()) {
            Matcher cluster = CLUSTER.matcher(evidence.value());
            while (cluster.find()) {
                if (!cluster.group(3).isEmpty()) {
                    return cluster.group(3);
                }
            }
        }
        Matcher cluster = CLUSTER.matcher(finding.message());
        return cluster.find() ? cluster.group(3) : "";
    }

    private Finding named(Finding finding, String sentence, @Nullable Resource resource, String field) {
        if (resource == null) {
            return finding;
        }
        Json value = find(resource.spec(), field);
        return finding.toBuilder()
                .message(withSecond(finding.message(), sentence + " " + resource.ref() + "."))
                .evidence(field, resource.ref().toString(), value.exists() ? value.toString() : "spec")
                .build();
    }

    /** The message with a sentence after its first one: what an operator must read comes early. */
    static String withSecond(String message, String sentence) {
        String first = Verdict.sentences(message, 0);
        String rest = message.length() > first.length() ? message.substring(first.length()) : "";
        return first + " " + sentence + rest;
    }

    /** The resource of a kind that speaks of the host and has the field; an empty field stands for any. */
    private @Nullable Resource forHost(ResourceKind kind, String host, String field) {
        for (Resource resource : session.resourcesOrGap(kind, "")) {
            List<String> hosts = new ArrayList<>(resource.spec().at("hosts").texts());
            resource.spec().at("host").text().ifPresent(hosts::add);
            boolean speaks =
                    hosts.stream().anyMatch(named -> Hosts.covers(Hosts.qualify(named, resource.namespace()), host));
            if (speaks && (field.isEmpty() || find(resource.spec(), field).exists())) {
                return resource;
            }
        }
        return null;
    }

    private @Nullable Resource rateLimit(Finding finding) {
        Optional<Resource> found = session.resourcesOrGap(ResourceKind.ENVOY_FILTER, "").stream()
                .filter(filter -> filter.namespace().equals(finding.subject().namespace())
                        || filter.namespace().equals(session.istioNamespace()))
                .filter(filter -> filter.spec().toString().contains("ratelimit"))
                .findFirst();
        return found.orElse(null);
    }

    /** The first field of that name, however deep. */
    private static Json find(Json json, String field) {
        if (json.at(field).exists()) {
            return json.at(field);
        }
        List<Json> inner = new ArrayList<>(json.items());
        json.forEachField((name, value) -> inner.add(value));
        for (Json value : inner) {
            Json found = find(value, field);
            if (found.exists()) {
                return found;
            }
        }
        return Json.MISSING;
    }
}
