using System.Runtime.CompilerServices;
using System.Text;
using Catalog.Hot;

namespace Catalog.Sdk;

/// <summary>
/// Rows that were read, one for each key, all of one set of generations. Good until the keys that they were read by are changed or read
/// with again.
/// </summary>
public readonly struct MappedRows
{
    /// <summary>The first and last microseconds that .NET has a time for, since 1970.</summary>
    private static readonly long s_first = (DateTime.MinValue.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
    private static readonly long s_last = (DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    private readonly MappedState _state;
    private readonly List<nint[]> _rows;
    private readonly long _now;

    internal MappedRows(MappedState state, List<nint[]> rows, int count, long now) =>
        (_state, _rows, Count, _now) = (state, rows, count, now);

    public int Count { get; }

    /// <summary>Why there is a value, or none.</summary>
    public FeatureStatus StatusOf(int row, int feature)
    {
        var (view, slot) = _state.Slots[feature];
        var found = RowOf(row, view);
        var status = !found.IsThere || slot is null ? FeatureStatus.NotFound
            : !IsFresh(view, found) ? FeatureStatus.OutsideMaxAge
            : found.Has(slot) ? FeatureStatus.Present
            : FeatureStatus.NullValue;
        GC.KeepAlive(_state);
        return status;
    }

    /// <summary>A value of a type with a fixed width, as it is stored.</summary>
    /// <typeparam name="T">As wide as the feature's type: <c>float</c> for <c>float32</c>, <c>long</c> for <c>int64</c>.</typeparam>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="InvalidOperationException">The type is not as wide.</exception>
    public T? ValueOf<T>(int row, int feature)
        where T : unmanaged
    {
        var (view, slot) = _state.Slots[feature];
        if (slot is not null && (slot.Type.IsVariable || Unsafe.SizeOf<T>() != slot.Type.Width))
            throw new InvalidOperationException($"'{slot.Name}' is {slot.Type.Name}, which no {typeof(T).Name} holds.");
        T? value = slot is not null && StatusOf(row, feature) == FeatureStatus.Present ? RowOf(row, view).Read<T>(slot) : null;
        GC.KeepAlive(_state);
        return value;
    }

    /// <summary>A value that is text; null where there is none.</summary>
    /// <exception cref="InvalidOperationException">The feature is no text.</exception>
    public string? TextOf(int row, int feature)
    {
        var (view, slot) = _state.Slots[feature];
        if (slot is { Type.Kind: not HotKind.Text })
            throw new InvalidOperationException($"'{slot.Name}' is {slot.Type.Name}, and no text.");
        var text = slot is not null && StatusOf(row, feature) == FeatureStatus.Present
            ? Encoding.UTF8.GetString(RowOf(row, view).ValueOf(slot))
            : null;
        GC.KeepAlive(_state);
        return text;
    }

    /// <summary>The bytes of a value, as they are stored; null where there is none.</summary>
    public byte[]? BytesOf(int row, int feature)
    {
        var (view, slot) = _state.Slots[feature];
        var bytes = slot is not null && StatusOf(row, feature) == FeatureStatus.Present ? RowOf(row, view).ValueOf(slot).ToArray() : null;
        GC.KeepAlive(_state);
        return bytes;
    }

    /// <summary>All values of all rows as numbers, row after row, with NaN where there is none: what a model takes.</summary>
    /// <param name="into">Rows times features.</param>
    /// <exception cref="ArgumentException">There is no room for all.</exception>
    /// <exception cref="InvalidOperationException">A feature is no number.</exception>
    public void CopyTo(Span<float> into)
    {
        var slots = _state.Slots;
        if (into.Length < Count * slots.Count)
            throw new ArgumentException($"There is room for {into.Length} values, and there are {Count * slots.Count}.", nameof(into));
        for (var row = 0; row < Count; row++)
        {
            for (var feature = 0; feature < slots.Count; feature++)
                into[(row * slots.Count) + feature] = NumberOf(row, slots[feature]);
        }

        GC.KeepAlive(_state);
    }

    /// <summary>Where a row of a feature's view comes from; null where there is none.</summary>
    public MappedReceipt? ReceiptOf(int row, int feature)
    {
        var view = _state.Slots[feature].View;
        var found = RowOf(row, view);
        if (!found.IsThere)
            return null;
        var (located, header) = (_state.Located.Views[view], _state.Views[view].Generation.Header);
        var (origin, time) = (header.Origins[(int)found.Origin], found.EventTime);
        GC.KeepAlive(_state);
        return new(
            located.Node, located.Generation, origin.Version, origin.Position,
            DateTimeOffset.UnixEpoch.AddTicks(Math.Clamp(time, s_first, s_last) * TimeSpan.TicksPerMicrosecond));
    }

    private HotRow RowOf(int row, int view) =>
        (uint)row < (uint)Count ? new(_rows[view][row]) : throw new ArgumentOutOfRangeException(nameof(row));

    private bool IsFresh(int view, HotRow row) => _state.Views[view].TimeToLive is not { } ttl || _now - row.EventTime <= ttl;

    private float NumberOf(int row, MappedSlot feature)
    {
        var found = RowOf(row, feature.View);
        if (feature.Slot is not { } slot || !found.IsThere || !found.Has(slot) || !IsFresh(feature.View, found))
            return float.NaN;
        return slot.Type.Kind switch
        {
            HotKind.Float32 => found.Read<float>(slot),
            HotKind.Float64 => (float)found.Read<double>(slot),
            HotKind.Float16 => (float)found.Read<Half>(slot),
            HotKind.Int64 => found.Read<long>(slot),
            HotKind.Int32 => found.Read<int>(slot),
            HotKind.Int16 => found.Read<short>(slot),
            HotKind.Int8 => found.Read<sbyte>(slot),
            HotKind.UInt64 => found.Read<ulong>(slot),
            HotKind.UInt32 => found.Read<uint>(slot),
            HotKind.UInt16 => found.Read<ushort>(slot),
            HotKind.UInt8 or HotKind.Bool => found.Read<byte>(slot),
            _ => throw new InvalidOperationException($"'{slot.Name}' is {slot.Type.Name}, and no number."),
        };
    }
}

/// <summary>Where a value comes from.</summary>
/// <param name="View">The version of the feature view.</param>
/// <param name="Generation">That it was read from.</param>
/// <param name="Version">The dataset version that the row came from.</param>
/// <param name="Position">Of that version in the log.</param>
/// <param name="EventTime">When the row became so; before year 1 and after year 9999 the first and last moment of those.</param>
public sealed record MappedReceipt(NodeId View, NodeId Generation, NodeId Version, long Position, DateTimeOffset EventTime);
