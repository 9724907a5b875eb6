package dev.meshdx.analysis.internal.checks.policy;

import static dev.meshdx.model.ResourceKind.AUTHORIZATION_POLICY;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Methods of AuthorizationPolicies that no request has. Sources: Istio, "Authorization Policy" (exact, prefix, suffix and
 * presence match; methods are compared as they are written); RFC 9110, 9.1 (methods are case-sensitive); IANA, "Hypertext
 * Transfer Protocol (HTTP) Method Registry"; PURGE is what caches use.
 */
public final class HttpMethodCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0206",
            "UnknownHttpMethod",
            Severity.WARNING,
            "An AuthorizationPolicy names a method that HTTP does not have.");

    private static final Set<String> USUAL =
            Set.of("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE");

    private static final Set<String> KNOWN =
            new TreeSet<>(List.of(("CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT TRACE "
                            + "ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT COPY LABEL LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL "
                            + "MKREDIRECTREF MKWORKSPACE MOVE ORDERPATCH PRI PROPFIND PROPPATCH QUERY REBIND REPORT SEARCH UNBIND "
                            + "UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL PURGE")
                    .split(" ")));

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(AUTHORIZATION_POLICY);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource policy : configuration.all(AUTHORIZATION_POLICY)) {
            for (Field rule : AuthorizationRules.rules(policy)) {
                for (Field operation : AuthorizationRules.operations(rule)) {
                    for (String list : List.of("methods", "notMethods")) {
                        for (Field item : operation.at(list).items()) {
                            if (!item.text().isEmpty() && KNOWN.stream().noneMatch(matching(item.text()))) {
                                report(configuration, policy, item, list.equals("notMethods"), report);
                            }
                        }
                    }
                }
            }
        }
    }

    private static Predicate<String> matching(String pattern) {
        if (pattern.startsWith("*")) {
            return method -> method.endsWith(pattern.substring(1));
        }
        return pattern.endsWith("*")
                ? method -> method.startsWith(pattern.substring(0, pattern.length() - 1))
                : pattern::equals;
    }

    private static void report(
            Configuration configuration, Resource policy, Field item, boolean excluded, Consumer<Finding> report) {
        String text = item.text();
        String upper = text.strip().toUpperCase(Locale.ROOT);
        boolean onlyCase = KNOWN.stream().anyMatch(matching(upper));
        Optional<String> near = onlyCase
                ? Optional.of(upper)
                : configuration.near(upper, USUAL).stream().findFirst();
        report.accept(configuration
                .finding(CODE, policy, item)
                .message((onlyCase
                                ? "Methods are compared as they are written and are upper case, so \"" + text
                                        + "\" matches no request"
                                : "\"" + text + "\" is no HTTP method, so it matches no request")
                        + (excluded ? " and excludes nothing." : ".")
                        + ReferencedResources.didYouMean(near.stream().toList()))
                .remedy(near.map(method -> "Write " + method).orElse("Correct the method") + ": "
                        + ReferencedResources.edit(policy))
                .build());
    }
}
