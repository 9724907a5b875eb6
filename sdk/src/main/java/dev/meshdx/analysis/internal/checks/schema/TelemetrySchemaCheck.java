package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.configuration.Field;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;

/** What a Telemetry must look like. Source: istio/istio, {@code validation.go}, {@code ValidateTelemetry}. */
public final class TelemetrySchemaCheck extends SchemaCheck {
    public TelemetrySchemaCheck() {
        super(ResourceKind.TELEMETRY, "Telemetry");
    }

    @Override
    void check(Resource resource, String namespace, Field spec, Problems problems) {
        Values.checkAttachment(spec, problems);
        for (String list : List.of("metrics", "tracing", "accessLogging")) {
            for (Field item : spec.at(list).items()) {
                for (Field provider : item.at("providers").items()) {
                    problems.require(
                            !provider.at("name").text().isEmpty(), provider.at("name"), "a provider must have a name");
                }
            }
        }
        spec.at("metrics")
                .items()
                .forEach(metrics ->
                        metrics.at("overrides").items().forEach(override -> checkOverride(override, problems)));
        problems.advise(
                spec.at("tracing").value().size() <= 1, spec.at("tracing"), "of several items in tracing one is used");
        spec.at("tracing").items().forEach(tracing -> checkTracing(tracing, problems));
        for (Field logging : spec.at("accessLogging").items()) {
            if (!logging.at("filter").exists()) {
                continue;
            }
            Field filter = logging.at("filter", "expression");
            String problem = CelSyntax.problem(filter.text());
            problems.require(
                    problem.isEmpty(),
                    filter,
                    "the filter " + filter.quoted() + " is not a CEL expression: " + problem);
        }
    }

    private static void checkOverride(Field override, Problems problems) {
        if (override.value().isNull()) {
            problems.error(override, "an override of metrics must not be null");
            return;
        }
        Field custom = override.at("match", "customMetric");
        problems.require(
                !custom.exists() || !custom.text().isEmpty(),
                custom,
                "customMetric must name a metric, or be left out");
        Field tags = override.at("tagOverrides");
        for (Field tag : tags.entries()) {
            String name = tag.path().substring(tags.path().length() + 1);
            problems.advise(!name.isEmpty(), tag, "an override of a tag has no name");
            boolean remove = List.of("REMOVE", "1").contains(tag.at("operation").text());
            boolean value = !tag.at("value").text().isEmpty();
            if (tag.value().isNull()) {
                problems.error(tag, "the override of a tag must not be null");
            } else if (remove) {
                problems.require(!value, tag.at("value"), "a tag that is removed must not have a value");
            } else {
                problems.require(value, tag.at("value"), "a tag that is set must have a value");
            }
        }
    }

    private static void checkTracing(Field tracing, Problems problems) {
        problems.advise(
                tracing.at("providers").value().size() <= 1,
                tracing.at("providers"),
                "of several providers in an item of tracing one is used");
        Field percentage = tracing.at("randomSamplingPercentage");
        double value = percentage.value().decimal(0);
        problems.require(value >= 0 && value <= 100, percentage, "randomSamplingPercentage must be between 0 and 100");
        Field tags = tracing.at("customTags");
        for (Field tag : tags.entries()) {
            String name = tag.path().substring(tags.path().length() + 1);
            problems.require(!name.isEmpty(), tag, "a custom tag must have a name");
            problems.require(!tag.value().isNull(), tag, "the custom tag \"" + name + "\" must not be null");
            require(tag, "literal", "value", problems);
            require(tag, "header", "name", problems);
            require(tag, "environment", "name", problems);
        }
    }

    private static void require(Field tag, String source, String field, Problems problems) {
        problems.require(
                !tag.at(source).exists() || !tag.at(source, field).text().isEmpty(),
                tag.at(source, field),
                "a custom tag from a " + source + " must have a " + field);
    }
}
