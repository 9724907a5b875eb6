package dev.meshdx.analysis.internal.checks;

import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import java.util.List;

/** What the checks of references have in common. */
public final class ReferencedResources {
    /** Several checks report it, one for each kind of reference. */
    public static final FindingCode NOT_FOUND = new FindingCode(
            "IST0101",
            "ReferencedResourceNotFound",
            Severity.ERROR,
            "The resource refers to something that does not exist.");

    private ReferencedResources() {}

    /** {@code Did you mean "reviews"?}, or nothing. */
    public static String didYouMean(List<String> near) {
        return near.isEmpty() ? "" : " Did you mean \"" + String.join("\" or \"", near) + "\"?";
    }

    /** The command that opens a resource for editing. */
    public static String edit(Resource resource) {
        return "kubectl " + (resource.namespace().isEmpty() ? "" : "-n " + resource.namespace() + " ") + "edit "
                + resource.kind().qualifiedPlural() + " " + resource.name();
    }
}
