package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.MUTATING_WEBHOOK_CONFIGURATION;
import static dev.meshdx.model.ResourceKind.VALIDATING_WEBHOOK_CONFIGURATION;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.Urls;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Webhooks that lead to a control plane outside the cluster. Source: istio/istio,
 * {@code externalcontrolplane/externalcontrolplane.go}; Istio, "Install Istio with an External Control Plane".
 */
public final class ExternalControlPlaneCheck implements ConfigurationCheck {
    static final FindingCode INVALID = new FindingCode(
            "IST0163",
            "InvalidExternalControlPlaneConfig",
            Severity.WARNING,
            "A webhook of Istio has neither a usable URL nor a Service.");

    static final FindingCode ADDRESS = new FindingCode(
            "IST0164",
            "ExternalControlPlaneAddressIsNotAHostname",
            Severity.INFO,
            "A webhook of Istio calls an external control plane by its IP address.");

    private static final Pattern IP =
            Pattern.compile("((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\\.(?!$)|$)){4}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*");

    @Override
    public List<FindingCode> codes() {
        return List.of(INVALID, ADDRESS);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(VALIDATING_WEBHOOK_CONFIGURATION, MUTATING_WEBHOOK_CONFIGURATION);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource webhooks : configuration.all(VALIDATING_WEBHOOK_CONFIGURATION)) {
            if (webhooks.name().equals("istiod-default-validator")
                    || webhooks.name().startsWith("istio-validator")) {
                check(configuration, webhooks, report);
            }
        }
        for (Resource webhooks : configuration.all(MUTATING_WEBHOOK_CONFIGURATION)) {
            if (webhooks.name().startsWith("istio-sidecar-injector")) {
                check(configuration, webhooks, report);
            }
        }
    }

    private static void check(Configuration configuration, Resource webhooks, Consumer<Finding> report) {
        for (Field webhook : new Field("webhooks", webhooks.raw().at("webhooks")).items()) {
            Field client = webhook.at("clientConfig");
            Field url = client.at("url");
            String name = webhook.at("name").text();
            Optional<Urls.Url> parsed = Urls.parse(url.text());
            if (url.exists() && parsed.isEmpty()) {
                report.accept(configuration
                        .finding(INVALID, webhooks, url)
                        .message("Webhook " + name + " has the URL \"" + url.text() + "\", which cannot be read.")
                        .remedy("Write https://HOST:15017/PATH as the URL: " + ReferencedResources.edit(webhooks))
                        .build());
            } else if (!url.exists() && !client.at("service").exists()) {
                report.accept(configuration
                        .finding(INVALID, webhooks, url)
                        .message("Webhook " + name + " has neither a URL nor a Service to call.")
                        .remedy(
                                "Give its clientConfig the URL of the external control plane, or the Service of istiod: "
                                        + ReferencedResources.edit(webhooks))
                        .build());
            } else if (parsed.isPresent() && IP.matcher(parsed.get().host()).matches()) {
                report.accept(configuration
                        .finding(ADDRESS, webhooks, url)
                        .message("Webhook " + name + " calls the external control plane by the address "
                                + parsed.get().host() + ": no certificate from a public authority fits that, and the"
                                + " address may change.")
                        .remedy("Use a host name that resolves to it: " + ReferencedResources.edit(webhooks))
                        .build());
            }
        }
    }
}
