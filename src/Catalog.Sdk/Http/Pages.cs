using System.Runtime.CompilerServices;

namespace Catalog.Sdk.Http;

/// <summary>One answer of a listing; <paramref name="Next"/> is the cursor of the following one, null at the end.</summary>
internal sealed record ListAnswer<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>One answer of a listing of files, with what is said of all of them.</summary>
internal sealed record FilesAnswer<T>(IReadOnlyList<T> Items, string? Next, FilesProjection? Projection);

internal static class Pages
{
    /// <summary>Reads a listing to its end, one answer at a time, as the caller asks for more.</summary>
    /// <param name="transport">Where to.</param>
    /// <param name="route">Makes the route anew for each answer.</param>
    /// <param name="pageSize">Items in an answer, 1 to 1000.</param>
    /// <param name="ct">Stops the reading.</param>
    public static async IAsyncEnumerable<T> ReadAsync<T>(
        Transport transport, Func<Route> route, int pageSize, [EnumeratorCancellation] CancellationToken ct)
    {
        string? after = null;
        do
        {
            var next = route().With("limit", pageSize).With("after", after);
            var answer = await transport.GetAsync<ListAnswer<T>>(next, ct).ConfigureAwait(false);
            foreach (var item in answer.Items)
                yield return item;

            after = answer.Next;
        }
        while (after is not null);
    }

    /// <summary>As <see cref="ReadAsync"/>, with what an answer says of its files said of each.</summary>
    public static async IAsyncEnumerable<T> ReadFilesAsync<T>(
        Transport transport, Func<Route> route, int pageSize, Func<T, FilesProjection?, T> say,
        [EnumeratorCancellation] CancellationToken ct)
    {
        string? after = null;
        do
        {
            var next = route().With("limit", pageSize).With("after", after);
            var answer = await transport.GetAsync<FilesAnswer<T>>(next, ct).ConfigureAwait(false);
            foreach (var item in answer.Items)
                yield return say(item, answer.Projection);

            after = answer.Next;
        }
        while (after is not null);
    }
}
