"""Lists of names as other projects publish them: what the taxonomies are checked against."""


def names(text: str, separator: str = ",") -> list[str]:
    return [name.strip() for name in text.replace("\n", " ").split(separator)]


# The 80 of COCO's detection task, as keras_cv_attention_models prints them.
COCO_THINGS = names(
    """person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant, stop sign,
    parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe, backpack, umbrella,
    handbag, tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball bat, baseball glove, skateboard,
    surfboard, tennis racket, bottle, wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange,
    broccoli, carrot, hot dog, pizza, donut, cake, chair, couch, potted plant, bed, dining table, toilet, tv, laptop,
    mouse, remote, keyboard, cell phone, microwave, oven, toaster, sink, refrigerator, book, clock, vase, scissors,
    teddy bear, hair drier, toothbrush"""
)

# id2label of facebook/maskformer-swin-*-coco on Hugging Face, without the things.
COCO_PANOPTIC_STUFF = names(
    """banner, blanket, bridge, cardboard, counter, curtain, door-stuff, floor-wood, flower, fruit, gravel, house,
    light, mirror-stuff, net, pillow, platform, playingfield, railroad, river, road, roof, sand, sea, shelf, snow,
    stairs, tent, towel, wall-brick, wall-stone, wall-tile, wall-wood, water-other, window-blind, window-other,
    tree-merged, fence-merged, ceiling-merged, sky-other-merged, cabinet-merged, table-merged, floor-other-merged,
    pavement-merged, mountain-merged, grass-merged, dirt-merged, paper-merged, food-other-merged,
    building-other-merged, rock-merged, wall-other-merged, rug-merged"""
)

# id2label of Hugging Face's ADE20K models (segformer, mask2former, oneformer), the blank after "bed" included.
ADE_HUGGING_FACE = [
    "bed " if name == "bed" else name
    for name in names(
        """wall, building, sky, floor, tree, ceiling, road, bed, windowpane, grass, cabinet, sidewalk, person, earth,
        door, table, mountain, plant, curtain, chair, car, water, painting, sofa, shelf, house, sea, mirror, rug,
        field, armchair, seat, fence, desk, rock, wardrobe, lamp, bathtub, railing, cushion, base, box, column,
        signboard, chest of drawers, counter, sand, sink, skyscraper, fireplace, refrigerator, grandstand, path,
        stairs, runway, case, pool table, pillow, screen door, stairway, river, bridge, bookcase, blind, coffee table,
        toilet, flower, book, hill, bench, countertop, stove, palm, kitchen island, computer, swivel chair, boat, bar,
        arcade machine, hovel, bus, towel, light, truck, tower, chandelier, awning, streetlight, booth,
        television receiver, airplane, dirt track, apparel, pole, land, bannister, escalator, ottoman, bottle, buffet,
        poster, stage, van, ship, fountain, conveyer belt, canopy, washer, plaything, swimming pool, stool, barrel,
        basket, waterfall, tent, bag, minibike, cradle, oven, ball, food, step, tank, trade name, microwave, pot,
        animal, bicycle, lake, dishwasher, screen, blanket, sculpture, hood, sconce, vase, traffic light, tray, ashcan,
        fan, pier, crt screen, plate, monitor, bulletin board, shower, radiator, glass, clock, flag"""
    )
]

# The same classes as MaskFormer's own panoptic annotations spell them, synonyms and stray blank included.
ADE_WITH_SYNONYMS = names(
    """wall|building|sky|floor|tree|ceiling|road, route|bed|window |grass|cabinet|sidewalk, pavement|person|
    earth, ground|door|table|mountain, mount|plant|curtain|chair|car|water|painting, picture|sofa|shelf|house|sea|
    mirror|rug|field|armchair|seat|fence|desk|rock, stone|wardrobe, closet, press|lamp|tub|rail|cushion|
    base, pedestal, stand|box|column, pillar|signboard, sign|chest of drawers, chest, bureau, dresser|counter|sand|
    sink|skyscraper|fireplace|refrigerator, icebox|grandstand, covered stand|path|stairs|runway|
    case, display case, showcase, vitrine|pool table, billiard table, snooker table|pillow|screen door, screen|
    stairway, staircase|river|bridge, span|bookcase|blind, screen|coffee table|
    toilet, can, commode, crapper, pot, potty, stool, throne|flower|book|hill|bench|countertop|stove|palm, palm tree|
    kitchen island|computer|swivel chair|boat|bar|arcade machine|hovel, hut, hutch, shack, shanty|bus|towel|light|
    truck|tower|chandelier|awning, sunshade, sunblind|street lamp|booth|tv|plane|dirt track|clothes|pole|
    land, ground, soil|bannister, banister, balustrade, balusters, handrail|
    escalator, moving staircase, moving stairway|ottoman, pouf, pouffe, puff, hassock|bottle|
    buffet, counter, sideboard|poster, posting, placard, notice, bill, card|stage|van|ship|fountain|
    conveyer belt, conveyor belt, conveyer, conveyor, transporter|canopy|washer, automatic washer, washing machine|
    plaything, toy|pool|stool|barrel, cask|basket, handbasket|falls|tent|bag|minibike, motorbike|cradle|oven|ball|
    food, solid food|step, stair|tank, storage tank|trade name|microwave|pot|animal|bicycle|lake|dishwasher|screen|
    blanket, cover|sculpture|hood, exhaust hood|sconce|vase|traffic light|tray|trash can|fan|pier|crt screen|plate|
    monitor|bulletin board|shower|radiator|glass, drinking glass|clock|flag""",
    separator="|",
)

# The hundred of the Places instance challenge (instanceInfo100_train.txt).
ADE_THINGS = names(
    """bed, windowpane, cabinet, person, door, table, curtain, chair, car, painting, sofa, shelf, mirror, armchair,
    seat, fence, desk, wardrobe, lamp, bathtub, railing, cushion, box, column, signboard, chest of drawers, counter,
    sink, fireplace, refrigerator, stairs, case, pool table, pillow, screen door, bookcase, coffee table, toilet,
    flower, book, bench, countertop, stove, palm, kitchen island, computer, swivel chair, boat, arcade machine, bus,
    towel, light, truck, chandelier, awning, streetlight, booth, television receiver, airplane, apparel, pole,
    bannister, ottoman, bottle, van, ship, fountain, washer, plaything, stool, barrel, basket, bag, minibike, oven,
    ball, food, step, trade name, microwave, pot, animal, bicycle, dishwasher, screen, sculpture, hood, sconce, vase,
    traffic light, tray, ashcan, fan, plate, monitor, bulletin board, radiator, glass, clock, flag"""
)

# id2label of Hugging Face's Cityscapes models.
CITYSCAPES = names(
    """road, sidewalk, building, wall, fence, pole, traffic light, traffic sign, vegetation, terrain, sky, person,
    rider, car, truck, bus, train, motorcycle, bicycle"""
)
CITYSCAPES_THINGS = names("person, rider, car, truck, bus, train, motorcycle, bicycle")
CITYSCAPES_LABEL_IDS = [7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33]

# The stuff of COCO-Stuff 171, as MMSegmentation orders it.
COCO_STUFF_STUFF = names(
    """banner, blanket, branch, bridge, building-other, bush, cabinet, cage, cardboard, carpet, ceiling-other,
    ceiling-tile, cloth, clothes, clouds, counter, cupboard, curtain, desk-stuff, dirt, door-stuff, fence,
    floor-marble, floor-other, floor-stone, floor-tile, floor-wood, flower, fog, food-other, fruit, furniture-other,
    grass, gravel, ground-other, hill, house, leaves, light, mat, metal, mirror-stuff, moss, mountain, mud, napkin,
    net, paper, pavement, pillow, plant-other, plastic, platform, playingfield, railing, railroad, river, road, rock,
    roof, rug, salad, sand, sea, shelf, sky-other, skyscraper, snow, solid-other, stairs, stone, straw,
    structural-other, table, tent, textile-other, towel, tree, vegetable, wall-brick, wall-concrete, wall-other,
    wall-panel, wall-stone, wall-tile, wall-wood, water-other, waterdrops, window-blind, window-other, wood"""
)

# The categories with instances in Vistas 1.2's own configuration, by its technical names.
MAPILLARY_THINGS = names(
    """animal--bird, animal--ground-animal, construction--flat--crosswalk-plain, human--person,
    human--rider--bicyclist, human--rider--motorcyclist, human--rider--other-rider, marking--crosswalk-zebra,
    object--banner, object--bench, object--bike-rack, object--billboard, object--catch-basin, object--cctv-camera,
    object--fire-hydrant, object--junction-box, object--mailbox, object--manhole, object--phone-booth,
    object--street-light, object--support--pole, object--support--traffic-sign-frame, object--support--utility-pole,
    object--traffic-light, object--traffic-sign--back, object--traffic-sign--front, object--trash-can,
    object--vehicle--bicycle, object--vehicle--boat, object--vehicle--bus, object--vehicle--car,
    object--vehicle--caravan, object--vehicle--motorcycle, object--vehicle--other-vehicle, object--vehicle--trailer,
    object--vehicle--truck, object--vehicle--wheeled-slow"""
)
