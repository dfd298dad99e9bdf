using System.Text;
using Catalog.Server.Doors.Online;
using Catalog.Serving;

namespace Catalog.Server.Doors.Resp;

/// <summary>Fields that were asked for before, found again by the bytes that ask for them.</summary>
internal sealed class RespFieldsAsked
{
    private readonly AskedBefore<RespFields> _asked = new();

    /// <param name="command">A key, and fields behind it.</param>
    /// <param name="isAll">Whether all features are wanted.</param>
    /// <param name="online">Where they are read.</param>
    public RespFields Of(RespCommand command, bool isAll, OnlineFeatures online)
    {
        var view = RespKeys.ViewOf(command[1]);
        Span<char> room = stackalloc char[256];
        ReadOnlySpan<char> name = Encoding.UTF8.TryGetChars(view, room, out var length) ? room[..length] : Encoding.UTF8.GetString(view);
        var question = isAll ? default : command.From(2);
        if (_asked.Find(online.Current, question, name, isAll) is { } known)
            return known;

        var state = online.Current;
        IReadOnlyList<string>? names = isAll ? null : [.. Enumerable.Range(2, command.Count - 2).Select(command.Text)];
        var fields = RespFields.Of(name.ToString(), names, online);
        _asked.Keep(state, question, name, isAll, fields);
        return fields;
    }
}
