using System.Text;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Server.Doors.Online;
using Catalog.Serving;
using Catalog.Storage.Hot;

namespace Catalog.Tests.Serving;

/// <summary>Views as they are served, with rows that were pushed, and lookups in them.</summary>
internal static class Served
{
    /// <summary>2021-12-31T23:00:00Z, in microseconds since 1970.</summary>
    public const long Eleven = 1_640_991_600_000_000;

    public static FeatureDefinition Define(IReadOnlyList<EntityKey> keys, IReadOnlyList<Feature> features, TimeSpan? timeToLive = null) =>
        new(
            keys.Count == 0 ? [] : [new Entity("thing", keys)], new FeatureSource(NodeId.Dataset("t", "events"), "at"), features,
            timeToLive);

    public static HotView View(string ns, string name, FeatureDefinition definition) => new(
        NodeId.FeatureView(ns, name).WithVersion(1), definition, [], Active: null, Local: null,
        new Overlay(RowLayout.Of(definition), laterWinsTies: true));

    public static ServedState State(params IReadOnlyList<HotView> views) => new(views, [], 0, DateTimeOffset.UnixEpoch);

    public static ReadPlan Plan(ServedState state, params IReadOnlyList<string> features)
    {
        var plan = ReadPlan.Of(state, [.. features.Select(f => FeatureNames.Feature(f, ns: null, state))]);
        return plan.Succeeded ? plan.Value : throw new InvalidOperationException(plan.Problem.Detail);
    }

    /// <summary>Adds a row.</summary>
    public static void Push(HotView view, Action<KeyBatch> key, long time, Action<RowPacker, RowLayout> values)
    {
        var keys = new KeyBatch();
        keys.Reset(view.Layout.Keys);
        key(keys);
        var packer = new RowPacker(view.Layout);
        packer.Begin(keys, 0, time, HotRow.NoTime);
        values(packer, view.Layout);
        view.Overlay.Offer(packer.End());
    }

    /// <summary>Looks up what a door read.</summary>
    public static OnlineRead Look(KeyColumns keys, ReadPlan plan, long now = Eleven)
    {
        var read = new OnlineRead(_ => { });
        read.Begin(plan, now);
        keys.Fill(read);
        for (var view = 0; view < plan.Views.Count; view++)
            plan.Views[view].View.Overlay.Prefer(read.KeysOf(view), read.RoomFor(view));
        return read;
    }

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
