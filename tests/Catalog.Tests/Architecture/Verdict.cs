using Xunit;

namespace Catalog.Tests.Architecture;

/// <summary>What a rule found, in full: whoever broke it must see where.</summary>
internal static class Verdict
{
    public static void None(IEnumerable<string> found)
    {
        string[] all = [.. found.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        Assert.True(all.Length == 0, string.Join('\n', all));
    }
}
