package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Whether the content of a kind of resource is one that Istio accepts: types and enumerations first, then the rules that
 * Istio's admission webhook applies. Source: istio/istio, {@code pkg/config/validation}.
 */
public abstract class SchemaCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0106",
            "SchemaValidationError",
            Severity.ERROR,
            "The resource breaks a rule of its kind; Istio rejects it.");

    static final FindingCode WARNING = new FindingCode(
            "IST0133",
            "SchemaWarning",
            Severity.WARNING,
            "Istio accepts the resource, but advises against something in it.");

    private final ResourceKind kind;
    private final String shape;

    SchemaCheck(ResourceKind kind, String shape) {
        this.kind = kind;
        this.shape = shape;
    }

    @Override
    public final List<FindingCode> codes() {
        return List.of(CODE, WARNING);
    }

    @Override
    public final Set<ResourceKind> inputs() {
        return Set.of(kind);
    }

    @Override
    public final void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource resource : configuration.all(kind)) {
            Problems problems = new Problems();
            Field spec = Field.spec(resource);
            Shapes.check(shape, spec, problems);
            if (problems.isEmpty()) {
                // What cannot be read at all is not judged further.
                check(resource, configuration.namespaceOf(resource), spec, problems);
            }
            problems.byMessage()
                    .forEach((message, fields) ->
                            report.accept(finding(configuration, CODE, resource, message, fields)));
            problems.warnings()
                    .forEach((message, fields) ->
                            report.accept(finding(configuration, WARNING, resource, message, fields)));
        }
    }

    private static Finding finding(
            Configuration configuration, FindingCode code, Resource resource, String message, List<Field> fields) {
        Finding.Builder finding = configuration
                .finding(code, resource, fields.get(0))
                .message(Character.toUpperCase(message.charAt(0)) + message.substring(1) + ".");
        for (Field field : fields.subList(1, fields.size())) {
            finding.evidence(field.path(), resource.toString(), field.quoted());
        }
        String path = fields.get(0).path();
        String kubectl = "kubectl " + (resource.namespace().isEmpty() ? "" : "-n " + resource.namespace() + " ");
        return finding.remedy(
                        code.equals(CODE)
                                ? "Correct " + path + "; try it with: " + kubectl + "apply --dry-run=server -f FILE"
                                : "Change " + path + "; if it is meant so: " + kubectl + "annotate "
                                        + resource.kind().qualifiedPlural() + " " + resource.name()
                                        + " galley.istio.io/analyze-suppress=" + code.code())
                .build();
    }

    /** Applies the rules of the kind. */
    abstract void check(Resource resource, String namespace, Field spec, Problems problems);
}
