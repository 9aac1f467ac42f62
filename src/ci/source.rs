//! Links to the source at the commit that is judged, as far as the pipeline tells where it can be seen.

use super::{Ci, Environment};
use crate::render::permalink;

impl Ci {
    /// Template of links to the source at a commit, as [`permalink`] takes it; empty where the system does
    /// not tell, or not in a form that is certain.
    ///
    /// The forms are those of the documentation: [GitHub], [GitLab] (whose variable `CI_PROJECT_URL` names the project's
    /// page), [Gitea] and Forgejo, and [Bitbucket Cloud]; that of Azure Repos is the one that its own page copies, where a
    /// line is marked only as a range of columns.
    ///
    /// [GitHub]: https://docs.github.com/en/repositories/working-with-files/using-files/getting-permanent-links-to-files
    /// [GitLab]: https://docs.gitlab.com/user/project/repository/files/
    /// [Gitea]: https://docs.gitea.com/usage/actions/actions-variables
    /// [Bitbucket Cloud]: https://support.atlassian.com/bitbucket-cloud/docs/hyperlink-to-source-code-in-bitbucket/
    #[must_use]
    pub fn source_url(self, environment: &Environment<'_>, commit: &str) -> String {
        let whole = |part: &str| environment(part).trim_end_matches('/').to_owned();
        let repository = || [whole("GITHUB_SERVER_URL"), whole("GITHUB_REPOSITORY")];
        let (parts, rest) = match self {
            Self::GitHub => (repository().to_vec(), format!("blob/{commit}/{{path}}#L{{line}}")),
            Self::Gitea => (repository().to_vec(), format!("src/commit/{commit}/{{path}}#L{{line}}")),
            Self::GitLab => (vec![whole("CI_PROJECT_URL")], format!("-/blob/{commit}/{{path}}#L{{line}}")),
            Self::Bitbucket => (
                vec!["https://bitbucket.org".to_owned(), whole("BITBUCKET_REPO_FULL_NAME")],
                format!("src/{commit}/{{path}}#lines-{{line}}"),
            ),
            Self::Azure if environment("BUILD_REPOSITORY_PROVIDER") == "TfsGit" => {
                let address = without_user(&whole("BUILD_REPOSITORY_URI"));
                let line = "line={line}&lineEnd={line}&lineStartColumn=1&lineEndColumn=1000&lineStyle=plain";
                let template = format!("{address}?path=/{{path}}&version=GC{commit}&{line}&_a=contents");
                return sound(template, &[&address], commit);
            }
            _ => return String::new(),
        };
        let known: Vec<&str> = parts.iter().map(String::as_str).collect();
        sound(format!("{}/{rest}", parts.join("/")), &known, commit)
    }
}

/// The template where all that it is made of is known, and a template came of it.
fn sound(template: String, parts: &[&str], commit: &str) -> String {
    let hash = commit.len() >= 7 && commit.bytes().all(|b| b.is_ascii_hexdigit());
    let known = hash && parts.iter().all(|part| !part.is_empty() && !part.contains(['{', '?', '#']));
    if known && permalink::fault(&template).is_none() { template } else { String::new() }
}

/// An address without the user's name that Azure puts before the server.
fn without_user(address: &str) -> String {
    match address.split_once("://") {
        Some((scheme, rest)) => {
            let (server, path) = rest.split_once('/').unwrap_or((rest, ""));
            format!("{scheme}://{}/{path}", server.rsplit('@').next().unwrap_or(server))
        }
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    fn told(ci: Ci, commit: &str, pairs: &[(&str, &str)]) -> String {
        let lookup = |name: &str| {
            pairs
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
                .unwrap_or_default()
        };
        ci.source_url(&lookup, commit)
    }

    #[test]
    fn each_system_has_its_own_form() {
        let github = [("GITHUB_SERVER_URL", "https://code.example"), ("GITHUB_REPOSITORY", "meridian/shop")];
        let azure = [
            ("BUILD_REPOSITORY_PROVIDER", "TfsGit"),
            ("BUILD_REPOSITORY_URI", "https://meridian@dev.azure.com/meridian/shop/_git/shop"),
        ];
        for (ci, pairs, wanted) in [
            (
                Ci::GitHub,
                &github[..],
                format!("https://code.example/meridian/shop/blob/{COMMIT}/{{path}}#L{{line}}"),
            ),
            (
                Ci::Gitea,
                &github,
                format!("https://code.example/meridian/shop/src/commit/{COMMIT}/{{path}}#L{{line}}"),
            ),
            (
                Ci::GitLab,
                &[("CI_PROJECT_URL", "https://gitlab.example/a/b/")],
                format!("https://gitlab.example/a/b/-/blob/{COMMIT}/{{path}}#L{{line}}"),
            ),
            (
                Ci::Bitbucket,
                &[("BITBUCKET_REPO_FULL_NAME", "meridian/shop")],
                format!("https://bitbucket.org/meridian/shop/src/{COMMIT}/{{path}}#lines-{{line}}"),
            ),
            (
                Ci::Azure,
                &azure,
                format!(
                    "https://dev.azure.com/meridian/shop/_git/shop?path=/{{path}}&version=GC{COMMIT}&line={{line}}\
                     &lineEnd={{line}}&lineStartColumn=1&lineEndColumn=1000&lineStyle=plain&_a=contents"
                ),
            ),
        ] {
            assert_eq!(told(ci, COMMIT, pairs), wanted);
            assert_eq!(permalink::fault(&wanted), None);
            // A page of another commit would show other lines.
            for commit in ["", "main", "abc", "../../x"] {
                assert_eq!(told(ci, commit, pairs), "", "{commit}");
            }
        }
    }

    #[test]
    fn what_is_not_told_is_not_guessed() {
        assert_eq!(told(Ci::GitHub, COMMIT, &[("GITHUB_REPOSITORY", "meridian/shop")]), "");
        assert_eq!(told(Ci::GitHub, COMMIT, &[("GITHUB_SERVER_URL", "https://github.com")]), "");
        assert_eq!(told(Ci::GitLab, COMMIT, &[("CI_PROJECT_URL", "javascript:alert(1)")]), "");
        assert_eq!(told(Ci::GitLab, COMMIT, &[("CI_PROJECT_URL", "https://e.org/{path}")]), "");
        let elsewhere =
            [("BUILD_REPOSITORY_PROVIDER", "GitHub"), ("BUILD_REPOSITORY_URI", "https://github.com/a/b")];
        assert_eq!(told(Ci::Azure, COMMIT, &elsewhere), "");
        assert_eq!(told(Ci::Jenkins, COMMIT, &[("GIT_URL", "https://e.org/a.git")]), "");
    }
}
