package dev.meshdx.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.testing.ApiDump;
import dev.meshdx.testing.ApiFile;
import dev.meshdx.testing.DocComments;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TestkitApiTest {
    private static final Path MODULE = Path.of("").toAbsolutePath();

    @Test
    void should_explain_all_that_users_see() {
        assertThat(DocComments.missing(
                        MODULE.resolve("src/main/java"), ApiDump.exportedPackages(MODULE.resolve("target/classes"))))
                .isEmpty();
    }

    @Test
    void should_match_the_api_in_git() {
        ApiFile.check(MODULE, "testkit.api");
    }
}
