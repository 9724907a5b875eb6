package dev.meshdx.source.internal;

import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Origin;
import dev.meshdx.model.Resource;
import java.util.List;

/** What a source of files knows beyond its resources. */
public interface Documents {
    /** What could not be read of the files, and doubts about what could. */
    List<Inconclusive> problems();

    /**
     * Where a single value of a resource stands, such as {@code spec.http[0].timeout}; the resource's own place for what is
     * not a single value or not there.
     */
    Origin locate(Resource resource, String path);

    /**
     * Every document as somebody wrote it, with the {@code apiVersion} that stands in it. Those of kinds that meshdx does not
     * know are there as well, reduced to who they are.
     */
    List<Resource> written();
}
