using System.Text.RegularExpressions;
using Xunit;

namespace Catalog.Tests.Docs;

/// <summary>What every document keeps to.</summary>
public sealed partial class DocumentTests
{
    public static TheoryData<string> Documents => [.. Document.Names];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Links_within_the_repository_lead_somewhere(string name)
    {
        var document = Document.Load(name);
        Assert.DoesNotContain(document.Links, target => !Leads(document, target));
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void No_document_speaks_of_work_to_be_done(string name) => Assert.DoesNotMatch(Promise(), Document.Load(name).Text);

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_document_has_one_title_and_it_comes_first(string name)
    {
        var text = Document.Load(name).Text;
        Assert.StartsWith("# ", text, StringComparison.Ordinal);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docs/none.md", false)]
    [InlineData("LICENSE", true)]
    [InlineData("docs", true)]
    [InlineData("docs/integrity.md#canonical-json", true)]
    [InlineData("docs/integrity.md#nothing", false)]
    [InlineData("https://example.org/nothing", true)]
    public void A_link_to_nothing_is_found(string target, bool leads) => Assert.Equal(leads, Leads(Document.Load("README.md"), target));

    private static bool Leads(Document from, string target)
    {
        if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal))
            return true;

        var (path, anchor) = target.Split('#', 2) is [var before, var after] ? (before, after) : (target, null);
        var file = path.Length == 0 ? from.Name : Path.Combine(Path.GetDirectoryName(from.Name) ?? "", Uri.UnescapeDataString(path));
        return (File.Exists(Repository.File(file)) || Directory.Exists(Repository.File(file)))
            && (anchor is null || Document.Load(file).Anchors.Contains(anchor));
    }

    [GeneratedRegex(@"\b(TO" + @"DO|FIX" + @"ME|TBD|XXX)\b")]
    private static partial Regex Promise();
}
